/** The tags of a field in which commas stand between them. */
export function tagsOf(field: string): readonly string[] {
  return [...new Set(field.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '');
}
