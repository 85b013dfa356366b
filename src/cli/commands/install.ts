/** `muster install` and `uninstall`: plan first, then deed. */
import type { Plan } from '../../shared/engine-contract.ts';
import { toMusterError, type ErrorCode } from '../../shared/errors.ts';
import { askPassword, canAsk, consent, readPasswordLine } from '../ask.ts';
import { findDevice } from '../find-device.ts';
import { followJob } from '../follow-job.ts';
import { logIn, type LoginOptions } from '../log-in.ts';
import type { CommandContext } from '../main.ts';
import type { Engine } from '../../core/engine.ts';
import { withEngine } from '../with-engine.ts';

export interface InstallOptions extends LoginOptions {
  port?: number;
  dryRun?: boolean;
}

export interface UninstallOptions {
  keepData?: boolean;
  passwordStdin?: boolean;
  yes?: boolean;
}

/** A password may help: for the login, or for sudo. */
const PASSWORD_NEEDED: ReadonlySet<ErrorCode> = new Set([
  'AUTH_FAILED',
  'AUTH_NEEDED',
  'SUDO_PASSWORD_NEEDED',
]);

function planText(plan: Plan): string {
  if (!plan.changes) return 'Nothing to do: this version is there and running.';
  return plan.steps.map((step, i) => `${i + 1}. ${step.title}: ${step.detail}`).join('\n');
}

/** Logs in and has the device looked at. */
function inspect(engine: Engine, context: CommandContext, device: string, options: InstallOptions) {
  return logIn(context, options, async (login, trust) =>
    engine.handlers['install.inspect']({ device, login, trust }),
  );
}

/** Installs the daemon on `host`. */
export function install(context: CommandContext, host: string, options: InstallOptions): Promise<void> {
  return withEngine(context, { watch: false }, async (engine) => {
    const { output } = context;
    const device = await findDevice(engine, host, options.port);
    const { session, facts, plan, login } = await inspect(engine, context, device.id, options);
    output.line(`${facts.hostname}: ${facts.model}, ${facts.system}, ${facts.arch}\n${planText(plan)}`);
    if (options.dryRun) return output.result({ device: device.id, facts, plan, dryRun: true }, '');
    if (plan.changes) await consent(`Install on ${facts.hostname}?`, options.yes);
    let sudoPassword = plan.needsSudoPassword ? (login.password ?? null) : null;
    if (plan.needsSudoPassword && !sudoPassword && canAsk())
      sudoPassword = await askPassword('sudo password');
    const { job } = await engine.handlers['install.start']({ session, sudoPassword });
    const { result, device: id } = await followJob(engine, job, output);
    output.result(
      { device: id, facts, plan, result },
      `Installed on ${facts.hostname}. "muster watch ${device.name}" shows its readings.`,
    );
  });
}

/** Takes the daemon off `host` again. */
export function uninstall(context: CommandContext, host: string, options: UninstallOptions): Promise<void> {
  return withEngine(context, { watch: false }, async (engine) => {
    const device = await findDevice(engine, host);
    const keepData = options.keepData ?? false;
    await consent(
      `Remove Muster from ${device.name}${keepData ? '' : ', with all it recorded'}?`,
      options.yes,
    );
    const attempt = async (password: string | null) => {
      const { job } = await engine.handlers['uninstall.start']({
        device: device.id,
        ...(password === null ? {} : { password }),
        sudoPassword: password,
        keepData,
      });
      return followJob(engine, job, context.output);
    };
    const { result } = await attempt(options.passwordStdin ? await readPasswordLine() : null).catch(
      async (thrown: unknown) => {
        const asks = PASSWORD_NEEDED.has(toMusterError(thrown).code);
        if (!asks || options.passwordStdin || !canAsk()) throw thrown;
        return attempt(await askPassword(`Password of ${device.user ?? 'the login user'} on ${device.name}`));
      },
    );
    context.output.result({ device: device.id, result }, `Muster is gone from ${device.name}.`);
  });
}
