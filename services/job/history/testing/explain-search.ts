import type { Pool } from "pg";
import type { EventFilter } from "../event-filter";
import { eventsOfJob, searchEvents } from "../event-rows";

/** How Postgres carried a search out. */
export interface SearchPlan {
  /** Rows that were read without an index. */
  rowsScanned: number;
  /** Rows that were read from tables, those that a filter threw away included. */
  rowsRead: number;
  /** Partitions that were looked into. */
  partitions: number;
  /** Planning and execution. */
  totalMs: number;
}

interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Actual Rows"?: number;
  "Actual Loops"?: number;
  "Rows Removed by Filter"?: number;
  "Rows Removed by Index Recheck"?: number;
  Plans?: PlanNode[];
}

interface Explained {
  Plan: PlanNode;
  "Planning Time": number;
  "Execution Time": number;
}

/** What is searched: events by a filter, or those of a job. */
export type Search = Partial<EventFilter> | { readonly jobId: string };

/** Has Postgres explain the statement that a search makes, while it carries it out. */
export async function explainSearch(pool: Pool, search: Search): Promise<SearchPlan> {
  const statement = await statementOf(search);
  const { rows } = await pool.query<{ "QUERY PLAN": [Explained] }>(
    `EXPLAIN (ANALYZE, BUFFERS OFF, FORMAT JSON) ${statement.text}`,
    statement.values,
  );
  const explained = rows[0]?.["QUERY PLAN"][0];
  if (explained === undefined) {
    throw new Error("EXPLAIN said nothing");
  }
  const nodes = flatten(explained.Plan);
  const tables = nodes.filter((node) => node["Relation Name"] !== undefined);
  return {
    rowsScanned: rowsOf(tables.filter((node) => node["Node Type"] === "Seq Scan")),
    rowsRead: rowsOf(tables),
    partitions: new Set(tables.map((node) => node["Relation Name"])).size,
    totalMs: explained["Planning Time"] + explained["Execution Time"],
  };
}

/** Asks with a pool that only listens. */
async function statementOf(search: Search): Promise<{ text: string; values: unknown[] }> {
  const asked: { text: string; values: unknown[] }[] = [];
  const listener = {
    query: (text: string, values: unknown[]) => {
      asked.push({ text, values });
      return Promise.resolve({ rows: [] });
    },
  } as unknown as Pool;
  await ("jobId" in search
    ? eventsOfJob(listener, search.jobId)
    : searchEvents(listener, { types: [], ...search }, { limit: 51 }));
  const [statement] = asked;
  if (statement === undefined) {
    throw new Error("nothing was asked");
  }
  return statement;
}

function flatten(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)];
}

function rowsOf(nodes: readonly PlanNode[]): number {
  return nodes
    .map((node) => {
      const removed = (node["Rows Removed by Filter"] ?? 0) + (node["Rows Removed by Index Recheck"] ?? 0);
      return ((node["Actual Rows"] ?? 0) + removed) * (node["Actual Loops"] ?? 1);
    })
    .reduce((sum, rows) => sum + rows, 0);
}
