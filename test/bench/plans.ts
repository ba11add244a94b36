/** How Postgres goes about statements as the product sends them: EXPLAIN (ANALYZE, BUFFERS) of each, cut down to a line. */
import { type SQL, sql } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import type { Sql } from '../../src/db/client.ts';

export interface StatementPlan {
  /** `insert into paper_keys`, `select from papers`. */
  statement: string;
  ms: number;
  /** Pages of 8 kB that were looked at. */
  buffers: number;
  /** How each table was reached, and the rows found there. */
  ways: string[];
  /** Tables that were read from one end to the other. */
  scanned: string[];
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: PlanNode[];
}

interface Explained {
  Plan: PlanNode;
  'Execution Time': number;
  Triggers: { 'Trigger Name': string; Relation?: string; Time: number; Calls: number }[];
}

/**
 * As `db`, but each statement that goes through `execute` is explained on its way. Explaining one that writes is doing it,
 * so it is not sent again; none of those that store papers returns rows.
 */
export function explaining(db: Sql, plans: StatementPlan[]): Sql {
  const dialect = new PgDialect();
  const execute = async (statement: SQL) => {
    const text = dialect.sqlToQuery(statement).sql;
    if (/\bset local\b|advisory/.test(text)) return db.execute(statement);
    const rows = await db.execute<{ 'QUERY PLAN': Explained[] }>(
      sql`explain (analyze, buffers, format json) ${statement}`,
    );
    for (const explained of rows[0]?.['QUERY PLAN'] ?? []) plans.push(summarize(text, explained));
    return /^\s*select/i.test(text) ? db.execute(statement) : [];
  };
  return new Proxy(db, {
    get: (target, key) => (key === 'execute' ? execute : Reflect.get(target, key)),
  });
}

function summarize(text: string, { Plan, Triggers, 'Execution Time': ms }: Explained): StatementPlan {
  const nodes = nodesOf(Plan);
  const slowChecks = Triggers.filter(({ Time }) => Time >= 1);
  return {
    statement: nameOf(text),
    ms,
    buffers: Plan['Shared Hit Blocks'] + Plan['Shared Read Blocks'],
    ways: [
      ...new Set(nodes.flatMap(describe)),
      ...slowChecks.map(({ 'Trigger Name': name, Calls, Time }) => `${name} ${Calls}× ${Time.toFixed(0)} ms`),
    ],
    scanned: nodes.flatMap((node) =>
      node['Node Type'] === 'Seq Scan' && node['Relation Name'] ? [node['Relation Name']] : [],
    ),
  };
}

function nameOf(text: string): string {
  const [verb = '', table = ''] = /^\s*(insert into|update|delete from)\s+"?(\w+)/i.exec(text)?.slice(1) ?? [
    'select from',
    /\bfrom\s+(?:jsonb_to_recordset[\s\S]*?join\s+)?"?(\w+)/i.exec(text)?.[1] ?? '',
  ];
  return `${verb} ${table}`;
}

function describe(node: PlanNode): string[] {
  const way = node['Index Name'] ?? node['Relation Name'];
  if (!way || !/Scan$/.test(node['Node Type'])) return [];
  return [`${node['Node Type']} ${way} (${Math.round(node['Actual Rows'] * node['Actual Loops'])} rows)`];
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
