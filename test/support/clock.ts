/** A clock that a test moves by hand. */

export interface Clock {
  now(): Date;
  set(iso: string): void;
  advance(ms: number): void;
}

export function createClock(iso: string): Clock {
  let time = new Date(iso).getTime();
  return {
    now: () => new Date(time),
    set(next) {
      time = new Date(next).getTime();
    },
    advance(ms) {
      time += ms;
    },
  };
}
