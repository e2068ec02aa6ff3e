/**
 * Every error code with its HTTP status, from Twirp v7, section "Error Codes". `data_loss` is spelled as Go's implementation
 * and every other sends it; the specification's table has "dataloss".
 */
export const ERROR_CODES: readonly (readonly [code: string, status: number])[] = [
  ["canceled", 408],
  ["unknown", 500],
  ["invalid_argument", 400],
  ["malformed", 400],
  ["deadline_exceeded", 408],
  ["not_found", 404],
  ["bad_route", 404],
  ["already_exists", 409],
  ["permission_denied", 403],
  ["unauthenticated", 401],
  ["resource_exhausted", 429],
  ["failed_precondition", 412],
  ["aborted", 409],
  ["out_of_range", 400],
  ["unimplemented", 501],
  ["internal", 500],
  ["unavailable", 503],
  ["data_loss", 500],
];
