/** The constants of recall; all of them are settings. */
export interface RankingSettings {
  /** Added for every access, up to {@link mostForAccess}. */
  readonly perAccess: number;
  readonly mostForAccess: number;
  /** Added for an importance of 1, and in proportion below. */
  readonly forImportance: number;
  /** Share of the activation that is lost with each day without an access. */
  readonly decayPerDay: number;
  /** Share that is never lost. */
  readonly leastKept: number;
  /** Activation from which a memory belongs to the core, and to the periphery. */
  readonly core: number;
  readonly peripheral: number;
  /** Share of an activation that passes along a connection of weight 1. */
  readonly alongConnection: number;
  /** Connections in a row that activation passes along. */
  readonly mostSteps: number;
  /** Memories from which activation spreads: the most activated ones. */
  readonly startingPoints: number;
  /** Weights of what makes a bridge: how far it is from the query, and how near to what is activated. */
  readonly novelty: number;
  readonly link: number;
  /** What links two memories by less is no bridge, however new it is. */
  readonly leastLink: number;
  /** Bridges below this score are not shown. */
  readonly leastBridge: number;
}

/** Constants that suit vectors of sentence embeddings, whose cosines lie between 0 and 1. */
export const DEFAULT_RANKING: RankingSettings = {
  perAccess: 0.1,
  mostForAccess: 0.5,
  forImportance: 0.3,
  decayPerDay: 0.01,
  leastKept: 0.1,
  core: 0.7,
  peripheral: 0.5,
  alongConnection: 0.8,
  mostSteps: 2,
  startingPoints: 10,
  novelty: 0.6,
  link: 0.4,
  leastLink: 0.4,
  leastBridge: 0.5,
};
