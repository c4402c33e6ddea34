/** What the first visit shows: three subjects, each said in three ways with few words in common. */
export const EXAMPLE_TEXTS: readonly string[] = [
  'How do I reset my password?',
  'I forgot my login details',
  'My account has been locked',
  'The parcel still has not arrived',
  'When will my order be delivered?',
  'Track the status of a shipment',
  'A simple recipe for tomato soup',
  'How long should pasta boil?',
  'Fresh basil goes well with garlic',
];

/** A question that shares no word with what answers it best. */
export const EXAMPLE_QUERY = "I can't sign in";
