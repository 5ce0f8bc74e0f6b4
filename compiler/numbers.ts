/** Numbers as people read them, the same on every machine. */

/** A whole number: `12,768`. */
export function groupedDigits(value: number | bigint): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A count with its noun: `1 module`, `72 modules`. */
export function counted(count: number | bigint, noun: string): string {
  return `${groupedDigits(count)} ${noun}${String(count) === "1" ? "" : "s"}`;
}

/** A percentage as a share of 1, exactly what the same digits with the point moved mean: 6.7 gives 0.067. */
export function shareOf(percent: number): number {
  const digits = String(percent);
  return digits.includes("e") ? percent / 100 : Number(`${digits}e-2`);
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** An amount of memory: `2.3 MiB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? String(Math.round(value)) : value.toFixed(value < 10 ? 1 : 0)} ${UNITS[unit]}`;
}

/** A share: `2.2%`, `0.031%`. Two significant digits. */
export function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(2))}%`;
}

const SI_UNITS = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"] as const;

/** An amount in powers of 1000, three digits: `1.23 GFLOP`, `1.23 G` without a unit. */
export function amountText(value: number, unit = ""): string {
  let scaled = value;
  let power = 0;
  while (scaled >= 999.5 && power < SI_UNITS.length - 1) {
    scaled /= 1000;
    power++;
  }
  return `${power === 0 ? Math.round(scaled) : scaled.toPrecision(3)} ${SI_UNITS[power]}${unit}`.trimEnd();
}

/** A time, to two units at most: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `12 d 3 h`. */
export function secondsText(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toPrecision(2))} s`;
  const whole = Math.round(seconds);
  const two = (large: number, largeUnit: string, small: number, smallUnit: string) =>
    small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return two(Math.floor(whole / 60), "min", whole % 60, "s");
  const minutes = Math.round(whole / 60);
  if (minutes < 24 * 60) return two(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(minutes / 60);
  return two(Math.floor(hours / 24), "d", hours % 24, "h");
}
