import { seconds } from '../../../sim/time.ts';
import { assumed, published } from '../mark.ts';
import type { FtpValues, WorkloadPreset } from '../workload-preset.ts';

/** FTP (RFC 959). Data connections pass where the rules give port 21 the helper and accept what is RELATED. */
export const ftp: WorkloadPreset<'ftp', FtpValues> = {
  name: 'ftp',
  summary: 'a control connection that announces a data connection for each file',
  values: {
    initiator: 'peer',
    port: 21,
    users: 3,
    mode: 'passive',
    direction: 'download',
    file: { kind: 'lognormal', medianBytes: 1_000_000, sigma: 1 },
    think: { kind: 'exponential', meanNs: seconds(2) },
    files: Infinity,
    data_port: 50_000,
    data_ports: 1000,
  },
  marks: {
    initiator: published('RFC 959, 2.3: the user initiates the control connection'),
    port: published('RFC 959, 8'),
    users: assumed('a few people'),
    mode: assumed('what clients do by default today'),
    direction: assumed('most files are fetched'),
    file: assumed('a wide range of sizes'),
    think: assumed('one file after another'),
    files: assumed('people stay connected'),
    data_port: assumed('the server’s passive ports'),
    data_ports: assumed('one for each user at least'),
  },
  memory: null,
};
