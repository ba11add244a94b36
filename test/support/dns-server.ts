/** A real DNS server on loopback that knows what a test tells it, and a resolver that asks nobody else. */
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { type Answer, decode, encode, RECURSION_DESIRED } from 'dns-packet';

/** `{ 'example.org': { TXT: ['v=spf1 -all'], MX: ['mail.example.org'] } }`; PTR by the address. */
export type Zone = Record<string, Partial<Record<'A' | 'AAAA' | 'MX' | 'PTR' | 'TXT', string[]>>>;

export interface DnsServer {
  resolver: Resolver;
  zone: Zone;
  /** What was asked for, as `TXT example.org`. */
  asked: string[];
  /** Takes questions and answers none. */
  silence(): void;
  /** Answers every question with a refusal. */
  refuse(): void;
  close(): Promise<void>;
}

/** Codes of an answer (RFC 1035 4.1.1). */
const NO_SUCH_NAME = 3;
const REFUSED = 5;

export async function startDnsServer(zone: Zone): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  let mood: 'helpful' | 'silent' | 'refusing' = 'helpful';
  socket.on('message', (packet, { port, address }) => {
    const { id, questions = [] } = decode(packet);
    const [question] = questions;
    if (!question) return;
    asked.push(`${question.type} ${question.name}`);
    if (mood === 'silent') return;
    const known = zone[ownerOf(question.name)];
    const values = known?.[question.type as keyof Zone[string]] ?? [];
    socket.send(
      encode({
        type: 'response',
        id,
        flags: RECURSION_DESIRED | (mood === 'refusing' ? REFUSED : known ? 0 : NO_SUCH_NAME),
        questions,
        answers: values.map((value) => toAnswer(question.name, question.type, value)),
      }),
      port,
      address,
    );
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const resolver = new Resolver({ timeout: 10_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return {
    resolver,
    zone,
    asked,
    silence() {
      mood = 'silent';
    },
    refuse() {
      mood = 'refusing';
    },
    close: async () => {
      resolver.cancel();
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}

/** `1.2.0.192.in-addr.arpa` stands in the zone as `192.0.2.1`. */
function ownerOf(name: string): string {
  const [, reversed] = /^([\d.]+)\.in-addr\.arpa$/i.exec(name) ?? [];
  return reversed ? reversed.split('.').reverse().join('.') : name.toLowerCase();
}

function toAnswer(name: string, type: string, value: string): Answer {
  if (type === 'MX') return { type, name, ttl: 60, data: { preference: 10, exchange: value || '.' } };
  // As long strings are published: in parts of 255 characters at most.
  if (type === 'TXT') return { type, name, ttl: 60, data: value.match(/.{1,255}/g) ?? [''] };
  return { type, name, ttl: 60, data: value } as Answer;
}
