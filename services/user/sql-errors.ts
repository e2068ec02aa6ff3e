import { DatabaseError } from "pg";

/** SQLSTATE of a row that refers to one that does not exist (PostgreSQL manual, appendix A). */
const FOREIGN_KEY_VIOLATION = "23503";

/** Whether a statement failed because a row that it refers to does not exist. */
export function isForeignKeyViolation(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === FOREIGN_KEY_VIOLATION;
}
