import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordTable, SILENT_MS, type DnsRecord } from '../../../src/core/discovery/record-table.ts';
import { recordsOf } from '../../support/fake-mdns.ts';

const pump = { type: '_ssh._tcp', instance: 'pump', host: 'pump.local', port: 22, addresses: ['10.0.0.7'] };
const records = (service = pump, ttl = 120) => recordsOf(service, ttl) as DnsRecord[];

describe('RecordTable', () => {
  it('puts a service together from packets in any order', () => {
    const table = new RecordTable();
    const [ptr, srv, txt, a] = records() as [DnsRecord, DnsRecord, DnsRecord, DnsRecord];
    expect(table.learn([a], '10.0.0.7', 0).heard).toEqual([]);
    expect(table.learn([ptr], '10.0.0.7', 1).incomplete).toHaveLength(1);
    expect(table.learn([srv], '10.0.0.7', 2).heard).toMatchObject([
      { label: 'pump', host: 'pump.local', port: 22 },
    ]);
    const [entry] = table.learn([txt], '10.0.0.7', 3).heard;
    expect(table.publishedFor(entry!)).toEqual(['10.0.0.7']);
  });

  it('sees a TXT and an address that change without a PTR', () => {
    const table = new RecordTable();
    table.learn(records(), '10.0.0.7', 0);
    const txt = [{ name: 'pump._ssh._tcp.local', type: 'TXT', ttl: 120, data: [Buffer.from('v=2')] }];
    expect(table.learn(txt, '10.0.0.7', 1).heard[0]?.txt.map(String)).toEqual(['v=2']);
    const [moved] = table.learn(
      [{ name: 'pump.local', type: 'A', ttl: 120, data: '10.0.0.9' }],
      '10.0.0.7',
      2,
    ).heard;
    expect(table.publishedFor(moved!)).toEqual(['10.0.0.9']);
  });

  it('keeps two boxes with one name apart by their senders', () => {
    const table = new RecordTable();
    table.learn(records(), '10.0.0.7', 0);
    table.learn(records({ ...pump, port: 2222 }), '10.0.0.8', 0);
    expect(table.size).toBe(2);
    expect(table.learn(records(pump, 0), '10.0.0.8', 1).gone).toMatchObject([
      { sender: '10.0.0.8', port: 2222 },
    ]);
    expect(table.size).toBe(1);
  });

  it('takes nobody else’s goodbye', () => {
    const table = new RecordTable();
    table.learn(records(), '10.0.0.7', 0);
    expect(table.learn(records(pump, 0), '10.0.0.66', 1).gone).toEqual([]);
    expect(table.size).toBe(1);
  });

  it('knows a sender that speaks for several hosts', () => {
    const table = new RecordTable();
    table.learn(records(), '10.0.0.1', 0);
    expect(table.isRepeater('10.0.0.1')).toBe(false);
    table.learn(records({ ...pump, instance: 'b', host: 'b.local' }), '10.0.0.1', 0);
    expect(table.isRepeater('10.0.0.1')).toBe(true);
  });

  it('drops what was silent for its own time, not for the TTL', () => {
    const table = new RecordTable();
    table.learn(records(pump, 4500), '10.0.0.7', 0);
    expect(table.sweep(SILENT_MS)).toEqual([]);
    expect(table.sweep(SILENT_MS + 1)).toMatchObject([{ label: 'pump' }]);
    expect(table.size).toBe(0);
  });

  it('is bounded, by sender and in all', () => {
    const table = new RecordTable();
    for (let i = 0; i < 3000; i++)
      table.learn(records({ ...pump, instance: `n${i}`, host: `h${i}.local` }), `10.0.${i % 10}.1`, 0);
    expect(table.size).toBe(2048);
    const one = new RecordTable();
    for (let i = 0; i < 3000; i++) one.learn(records({ ...pump, instance: `n${i}` }), '10.0.0.1', 0);
    expect(one.size).toBe(512);
  });

  it('survives records of any shape', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom('_ssh._tcp.local', 'pump._ssh._tcp.local', 'pump.local'),
    );
    const record = fc.record({
      type: fc.constantFrom('PTR', 'SRV', 'TXT', 'A', 'AAAA', 'OPT', 'UNKNOWN_7'),
      name,
      ttl: fc.option(fc.nat(), { nil: undefined }),
      data: fc.oneof(name, fc.anything(), fc.record({ target: name, port: fc.integer() })),
    });
    fc.assert(
      fc.property(fc.array(fc.array(record, { maxLength: 20 }), { maxLength: 10 }), (packets) => {
        const table = new RecordTable();
        for (const packet of packets) {
          const { heard, incomplete } = table.learn(packet, '10.0.0.7', 0);
          for (const entry of heard) expect(typeof entry.host).toBe('string');
          for (const entry of incomplete) expect(entry.host).toBeNull();
          for (const entry of heard)
            expect(table.publishedFor(entry).every((a) => typeof a === 'string')).toBe(true);
        }
        table.sweep(SILENT_MS + 1);
        expect(table.size).toBe(0);
      }),
    );
  });
});
