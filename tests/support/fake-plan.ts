/** The installer's plan as the fake engine shows it; `bytes` of each step make its progress. */
export const UPLOAD_BYTES = 38_400_000;
export const PLAN = [
  {
    id: 'runtime',
    title: 'Copy the runtime',
    detail: 'Node 24.21.0 for arm64 to /opt/muster/runtime',
    bytes: 37_900_000,
  },
  { id: 'daemon', title: 'Copy the daemon', detail: 'Muster 0.1.0 to /opt/muster/slots/a', bytes: 500_000 },
  { id: 'unit', title: 'Set up the service', detail: 'systemd unit muster.service, user muster', bytes: 0 },
  { id: 'announce', title: 'Announce it', detail: '/etc/avahi/services/muster.service', bytes: 0 },
  { id: 'start', title: 'Start and wait for its first answer', detail: 'up to 30 s', bytes: 0 },
];
