/** Half a surrogate pair, which no Unicode encoding has: with the u flag a whole pair is one code point. */
export const LONE_SURROGATE: RegExp = /\p{Surrogate}/u;
