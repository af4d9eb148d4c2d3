/** Decides which fault applies to which call. */
import type { ActionName } from './actions/actions.ts';
import type { FaultSettings } from './faults/fault.ts';
import { type ChaosOrder, type FaultName, type FaultOrder, faultNames, faults } from './faults.ts';
import { createRandom } from './random.ts';

export interface Schedule {
  /** Orders are tried as given; the first that matches a call applies. Throws if the fault does not fit the action. */
  add(order: FaultOrder): void;
  /** Applies to calls without an order. */
  setChaos(order: ChaosOrder): void;
  clear(): void;
  draw(action: ActionName): DrawnFault | null;
  /** How many calls each fault was applied to since the last clear. */
  readonly counts: ReadonlyMap<FaultName, number>;
}

interface DrawnFault {
  readonly name: FaultName;
  readonly settings: FaultSettings;
}

export function createSchedule(): Schedule {
  const orders: { order: FaultOrder; skip: number; left: number }[] = [];
  const counts = new Map<FaultName, number>();
  let drawChaos: (action: ActionName) => DrawnFault | null = () => null;

  function drawOrder(action: ActionName): DrawnFault | null {
    for (const waiting of orders) {
      const { order } = waiting;
      const fits =
        (order.action ?? action) === action && faults[order.name].actions.some((known) => known === action);
      if (!fits || waiting.left === 0) continue;
      if (waiting.skip > 0) {
        waiting.skip--;
        continue;
      }
      waiting.left--;
      return { name: order.name, settings: order };
    }
    return null;
  }

  return {
    counts,
    add(order) {
      const { name, action, after = 0, times = Number.POSITIVE_INFINITY } = order;
      if (action !== undefined && !faults[name].actions.includes(action)) {
        throw new Error(`${name} does not apply to ${action}, only to ${faults[name].actions.join(', ')}`);
      }
      orders.push({ order, skip: after, left: times });
    },
    setChaos(order) {
      const random = createRandom(order.seed);
      drawChaos = (action) => {
        const names = (order.names ?? faultNames).filter((name) =>
          faults[name].actions.some((known) => known === action),
        );
        const [luck, choice] = [random(), random()];
        const name = names[Math.floor(choice * names.length)];
        return name === undefined || luck >= order.probability ? null : { name, settings: order };
      };
    },
    clear() {
      orders.length = 0;
      counts.clear();
      drawChaos = () => null;
    },
    draw(action) {
      const drawn = drawOrder(action) ?? drawChaos(action);
      if (drawn) counts.set(drawn.name, (counts.get(drawn.name) ?? 0) + 1);
      return drawn;
    },
  };
}
