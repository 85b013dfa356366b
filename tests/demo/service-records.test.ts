import { describe, expect, it } from 'vitest';
import { answersTo, goodbyeOf, recordsOf } from '../../src/demo/service-records.ts';

const records = recordsOf({ name: 'barn-6', port: 2206, hardware: 'b8:27:eb:01:02:03' });
const ask = (name: string, type: string) => answersTo(records, [{ name, type }]);
const kinds = (of: { name: string; type: string }[]) => of.map(({ name, type }) => `${type} ${name}`);

describe('the records of a virtual device', () => {
  it('answer a browser with the instance, and add what it will ask for next', () => {
    const { answers, additionals } = ask('_ssh._tcp.local', 'PTR');
    expect(answers).toMatchObject([{ type: 'PTR', data: 'barn-6._ssh._tcp.local' }]);
    expect(additionals).toMatchObject([
      { type: 'SRV', data: { port: 2206, target: 'barn-6.local' }, flush: true },
      { type: 'TXT', name: 'barn-6._ssh._tcp.local' },
      { type: 'A', name: 'barn-6.local', data: '127.0.0.1' },
    ]);
  });

  it('answer whatever the case, ANY, and several questions in one packet', () => {
    expect(ask('BARN-6.LOCAL', 'A').answers).toHaveLength(1);
    expect(kinds(ask('barn-6._ssh._tcp.local', 'ANY').answers)).toEqual([
      'SRV barn-6._ssh._tcp.local',
      'TXT barn-6._ssh._tcp.local',
    ]);
    const both = answersTo(records, [
      { name: '_ssh._tcp.local', type: 'PTR' },
      { name: '_workstation._tcp.local', type: 'PTR' },
    ]);
    expect(both.answers).toHaveLength(2);
    expect(new Set(kinds(both.additionals)).size).toBe(both.additionals.length);
    expect(kinds(both.additionals)).toContain('SRV barn-6 [b8:27:eb:01:02:03]._workstation._tcp.local');
  });

  it('list the types of service, and stay silent for what is not theirs', () => {
    expect(ask('_services._dns-sd._udp.local', 'PTR').answers.map(({ data }) => data)).toEqual([
      '_ssh._tcp.local',
      '_sftp-ssh._tcp.local',
      '_workstation._tcp.local',
    ]);
    expect(ask('_ipp._tcp.local', 'PTR')).toEqual({ answers: [], additionals: [] });
    expect(ask('barn-6.local', 'AAAA')).toEqual({ answers: [], additionals: [] });
  });

  it('say goodbye with no time left, but not for the types that others offer too', () => {
    const goodbye = goodbyeOf(records);
    expect(goodbye.every(({ ttl }) => ttl === 0)).toBe(true);
    expect(kinds(goodbye)).not.toContain('PTR _services._dns-sd._udp.local');
    expect(goodbye).toHaveLength(records.length - 3);
    expect(records.every(({ ttl }) => ttl > 0)).toBe(true);
  });
});
