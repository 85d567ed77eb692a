/** What one mapping and one pass over a record may cost. Every limit has a refusal in the tests. */
export const mappingLimits = {
  rows: 400,
  pathLength: 300,
  pathSteps: 20,
  linesPerList: 2_000,
  /** Lines of all lists of one record together, nested ones included. */
  linesPerRecord: 20_000,
  issuesPerRecord: 200,
  expressionLength: 1_000,
  expressionNodes: 400,
  /** Depth and members of a value that an expression computes. */
  resultDepth: 20,
  resultMembers: 20_000,
  transformsPerRow: 8,
  argumentsPerTransform: 4,
  viaLength: 300,
} as const;
