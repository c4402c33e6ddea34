/**
 * The text of a JSON object, up to where the value of one more member belongs: everything before its closing brace
 * stays as it was written, digits and spaces included.
 */
export function openMember(object: string, name: string): string {
  const inside = object.slice(0, object.lastIndexOf('}')).trimEnd();
  // Only the brace of an empty object can stand last: other braces are closed, or inside a string.
  return `${inside}${inside.endsWith('{') ? '' : ','}${JSON.stringify(name)}:`;
}

/** Whether the text of a JSON object has a member of this name, however it is escaped. */
export function hasMember(object: string, name: string): boolean {
  // Parsing takes longer than all the rest for rows that cannot have it.
  if (!object.includes('\\') && !object.includes(JSON.stringify(name))) return false;
  const parsed: unknown = JSON.parse(object);
  return typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, name);
}
