/** Entries of a page where the caller does not say. The specs have it as the default of PageLimit. */
export const DEFAULT_PAGE_SIZE = 50;

/** How many entries a page has, of the `page_size` of a request: 0 stands for the default. */
export function pageSizeOf(requested: number): number {
  return requested === 0 ? DEFAULT_PAGE_SIZE : requested;
}
