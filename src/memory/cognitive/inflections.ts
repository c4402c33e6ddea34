/**
 * An English word with its regular forms: plural or third person, past, and -ing. Of a word that has no such forms some
 * are no words, which no text holds.
 */
export function inflectionsOf(word: string): readonly string[] {
  const stem = /e$/.test(word) ? word.slice(0, -1) : word;
  const forms = [word];
  if (/[^aeiou]y$/.test(word)) forms.push(`${word.slice(0, -1)}ies`, `${word.slice(0, -1)}ied`, `${word}ing`);
  else {
    forms.push(/(?:s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`, `${stem}ed`, `${stem}ing`);
    // One vowel before one consonant: plan, planned; not of w, x and y: review, reviewed.
    const last = /[^aeiou][aeiou]([bdfglmnprt])$/.exec(word)?.[1];
    if (last !== undefined) forms.push(`${word}${last}ed`, `${word}${last}ing`);
  }
  return forms;
}
