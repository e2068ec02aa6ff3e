/**
 * The error for a request that its schema excludes. Implementations see none, for requests are checked before; where the type of a
 * message leaves more open than its schema, this stands for what cannot be.
 *
 * @param field path of the field that is not what its schema says
 */
export function schemaBroken(field: string): Error {
  return new Error(`${field} is not what its schema says, and nothing has checked it`);
}
