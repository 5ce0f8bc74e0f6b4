/** Builds graphs, checking shapes as it goes. */
export class GraphBuilder {}
