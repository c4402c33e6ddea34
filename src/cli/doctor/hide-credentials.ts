/** A text without the names and passwords that addresses in it hold. */
export function hideCredentials(text: string): string {
  return text.replaceAll(/\/\/[^/\s@]+@/g, '//…@');
}
