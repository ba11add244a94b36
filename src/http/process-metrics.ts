/** What the web process itself costs, under the names that Prometheus' own libraries use, so that known dashboards fit. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metric } from './metrics-text.ts';

export interface ProcessMetrics {
  read(): Metric[];
  /** Ends the timer behind it. */
  close(): void;
}

export function watchProcess(): ProcessMetrics {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  return {
    read() {
      const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
      const { user, system } = process.cpuUsage();
      // Of the time since the last reading; before the first sample there is none.
      const lag = delay.count === 0 ? null : delay.percentile(99) / 1e9;
      delay.reset();
      const gauge = (name: string, help: string, value: number | null): Metric => ({
        name,
        help,
        type: 'gauge',
        values: [{ value }],
      });
      return [
        {
          name: 'process_cpu_seconds_total',
          help: 'CPU time of this process.',
          type: 'counter',
          values: [{ value: (user + system) / 1e6 }],
        },
        gauge(
          'process_start_time_seconds',
          'When this process started, in Unix time.',
          performance.timeOrigin / 1000,
        ),
        gauge('process_resident_memory_bytes', 'Memory that this process holds.', rss),
        gauge('nodejs_heap_size_used_bytes', 'JavaScript heap in use.', heapUsed),
        gauge('nodejs_heap_size_total_bytes', 'JavaScript heap reserved.', heapTotal),
        gauge('nodejs_external_memory_bytes', 'Memory outside of the JavaScript heap.', external),
        gauge(
          'nodejs_eventloop_lag_p99_seconds',
          'How late the event loop ran, 99th percentile since the last reading.',
          lag,
        ),
      ];
    },
    close: () => delay.disable(),
  };
}
