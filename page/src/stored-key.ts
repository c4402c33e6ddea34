/** Lives as long as the tab, and is never sent anywhere but to the server that the page came from. */
const NAME = 'isovec-api-key';

/** The key that was entered in this tab. */
export function storedKey(): string | undefined {
  return sessionStorage.getItem(NAME) ?? undefined;
}

/** Keeps a key for this tab, or forgets it. */
export function storeKey(key: string | undefined): void {
  if (key === undefined) sessionStorage.removeItem(NAME);
  else sessionStorage.setItem(NAME, key);
}
