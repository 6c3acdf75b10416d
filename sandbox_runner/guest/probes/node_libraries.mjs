// What modules of installed packages hold and did not hold when they were first seen, which is after init for most.
//
// A package has thousands of values that are nobody's. So a module is walked when it is first seen, within bounds, and
// of later walks only those leaves count that were not there. A module that is too large to be walked whole is not
// followed: part of it would look new whenever the cut fell elsewhere.

const NODES_OF_EACH_MAX = 300;
const NODES_MAX = 2_000;

export class Libraries {
  constructor(nodesOfEach = NODES_OF_EACH_MAX, nodesMax = NODES_MAX) {
    this.nodesOfEach = nodesOfEach;
    this.nodesMax = nodesMax;
    // The leaves of a module when it was first seen; null for one that is not followed.
    this.first = new Map();
  }

  // Each module that has leaves that it did not have: [name, package, leaves]. `look` gives the leaves of a module, whether
  // these are all, and how many values were visited.
  changed(modules, look) {
    const found = [];
    let left = this.nodesMax;
    for (const [name, exported, of] of modules) {
      const first = this.first.get(name);
      if (first === null) continue;
      const seen = left > 0 ? look(name, exported) : { leaves: [], whole: false, nodes: 0 };
      left -= seen.nodes;
      if (first === undefined) {
        this.first.set(name, seen.whole ? new Set(seen.leaves.map(row)) : null);
        continue;
      }
      const news = seen.leaves.filter((leaf) => !first.has(row(leaf)));
      if (news.length > 0) found.push([name, of, news]);
    }
    return found;
  }
}

function row(leaf) {
  return JSON.stringify(leaf);
}
