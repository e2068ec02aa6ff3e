import type { Pool } from "pg";
import { ConversionStatus } from "../../gen/twirp/mcsv/v1/user";
import { notFound } from "../platform/twirp/errors";
import {
  CONVERSION_COLUMNS,
  type Conversion,
  type ConversionRow,
  type ConversionState,
  conversionFromRow,
} from "./conversion-rows";
import type { ConversionPage } from "./requests";
import { userNotFound } from "./users";

const SELECT_BY_ID = `SELECT ${CONVERSION_COLUMNS} FROM conversions c WHERE c.id = $1`;
const SELECT_OF_USER = `${SELECT_BY_ID} AND c.user_id = $2`;
/** The row comparison is what the index conversions_of_user is ordered by. */
const SELECT_PAGE = `
  SELECT ${CONVERSION_COLUMNS} FROM conversions c
  WHERE c.user_id = $1 AND c.status = ANY ($2) AND (c.created_at, c.id) < ($3, $4)
  ORDER BY c.created_at DESC, c.id DESC
  LIMIT $5`;
const SELECT_USER = "SELECT 1 FROM users WHERE id = $1";

/** Before every conversion in the order of SELECT_PAGE. */
const FIRST_PAGE = { createdAt: "infinity", id: "ffffffff-ffff-ffff-ffff-ffffffffffff" };

/**
 * Returns a conversion.
 *
 * @throws TwirpError not_found
 */
export async function getConversion(pool: Pool, id: string): Promise<Conversion> {
  const { rows } = await pool.query<ConversionRow>(SELECT_BY_ID, [id]);
  return found(rows);
}

/**
 * Returns a conversion of a user.
 *
 * @throws TwirpError not_found, also for somebody else's: nobody learns that it exists
 */
export async function getConversionOf(pool: Pool, userId: string, id: string): Promise<Conversion> {
  const { rows } = await pool.query<ConversionRow>(SELECT_OF_USER, [id, userId]);
  return found(rows);
}

/** Conversions, newest first, and whether there are older ones. */
export interface ListedConversions {
  conversions: Conversion[];
  hasMore: boolean;
}

/**
 * Returns a page of a user's conversions. Conversions that arrive between two pages are newer than the position and
 * move nothing.
 *
 * @throws TwirpError not_found (user)
 */
export async function listConversions(pool: Pool, page: ConversionPage): Promise<ListedConversions> {
  const { createdAt, id } = page.after ?? FIRST_PAGE;
  const parameters = [page.userId, statesOf(page.status), createdAt, id, page.pageSize + 1];
  const { rows } = await pool.query<ConversionRow>(SELECT_PAGE, parameters);
  if (rows.length === 0 && (await pool.query(SELECT_USER, [page.userId])).rows.length === 0) {
    throw userNotFound();
  }
  return {
    conversions: rows.slice(0, page.pageSize).map(conversionFromRow),
    hasMore: rows.length > page.pageSize,
  };
}

function found([row]: readonly ConversionRow[]): Conversion {
  if (row === undefined) {
    throw notFound("no such conversion");
  }
  return conversionFromRow(row);
}

function statesOf(status: ConversionStatus): ConversionState[] {
  switch (status) {
    case ConversionStatus.UNSPECIFIED:
      return ["pending", "completed", "failed"];
    case ConversionStatus.PENDING:
      return ["pending"];
    case ConversionStatus.COMPLETED:
      return ["completed"];
    case ConversionStatus.FAILED:
      return ["failed"];
    default:
      return status satisfies never;
  }
}
