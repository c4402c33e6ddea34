/** What help says after the flags of each command of `isovec memory`. */
export const MEMORY_EXAMPLES = {
  remember: `
Prints the id of each memory. Texts are remembered all together or not at all;
blank lines are passed over. A memory with the id of one that is there takes
its place.

Examples:
  $ isovec memory remember "The staging server moved to eu-west." --tag infra
  $ isovec memory remember --in notes.txt --kind semantic --importance 0.8
`,
  recall: `
Core is what answers the query, peripheral what is near it or connected with
what is, bridges are far from the query and near to what it found. Below each
memory stands what its score is made of. The core counts as accessed, which
makes it come to mind more easily, unless --no-touch is given.

Examples:
  $ isovec memory recall "how do I run without Python?"
  $ isovec memory recall "what broke" --since 7d --dimension frustration=1
  $ isovec memory recall "deploy" --tag infra --json | jq '.core[].memory.id'
`,
  load: `
What was loaded before is brought up to date: new and changed passages are
embedded, those that are gone are forgotten, the rest stays as it is.

Examples:
  $ isovec memory load docs/ README.md
  $ isovec memory load --git . --commits 5000
  $ isovec memory load docs/ --dry-run
`,
  forget: `
Without --yes it only says what would be forgotten.

Examples:
  $ isovec memory forget 0b0f4c3e-6e8b-4a4c-9a53-0f2f5d2c9d11 --yes
  $ isovec memory forget --tag infra --dry-run
  $ isovec memory forget --source docs/ --yes
`,
  status: `
Examples:
  $ isovec memory status
  $ isovec memory status --json | jq .records
`,
  list: `
Examples:
  $ isovec memory list --tag infra
  $ isovec memory list --since 7d --json | jq -r .content
`,
  export: `
JSON lines: what the vectors are, then memories with vectors, then connections.

Examples:
  $ isovec memory export -o memories.jsonl
  $ isovec memory export | gzip > memories.jsonl.gz
`,
  import: `
Memories with the id of one that is there take its place. Vectors of another
model are made anew from the contents.

Examples:
  $ isovec memory import memories.jsonl
  $ zcat memories.jsonl.gz | isovec memory import -
`,
  backup: `
The copy is whole also while other processes remember.

Examples:
  $ isovec memory backup "memory-$(date +%F).db"
`,
  reindex: `
For another model, or after a version that reads texts in another way. Other
processes may use the file meanwhile; afterwards they need the new model, too.
An interrupted run is gone on with by the next one.

Examples:
  $ isovec memory reindex --model BAAI/bge-small-en-v1.5
`,
  verify: `
The exit status is 1 where something is damaged.

Examples:
  $ isovec memory verify
  $ isovec memory verify --json | jq .faults
`,
  reconcile: `
Changes reach the server by themselves, and those that did not reach it with
the next call. This is for after a backup of either side was restored.

Examples:
  $ isovec memory reconcile --qdrant http://127.0.0.1:6333
`,
  consolidate: `
Episodes that were recalled often become knowledge (kind semantic), and firmer.
Prints their ids.

Examples:
  $ isovec memory consolidate
  $ isovec memory consolidate --accesses 3
`,
} as const;

/** The commands of `isovec memory`. */
export type MemoryCommand = keyof typeof MEMORY_EXAMPLES;
