/** Earlier pushes and those under way, newest first. */
import { StateIcon } from '../../parts/state-word.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import { newestFirst } from '../../stores/campaigns-store.ts';
import { useCampaigns, useMuster } from '../../stores/muster.tsx';
import { campaignState, filesName } from '../../text/campaign-words.ts';
import styles from './push.module.css';

export function History() {
  const { ui } = useMuster();
  const campaigns = useCampaigns((state) => state.campaigns);
  const rows = newestFirst(campaigns);
  if (rows.length === 0) return null;
  return (
    <section className={styles.history} aria-label="Pushes">
      <h2>Pushes</h2>
      <ol>
        {rows.map((campaign) => {
          const { tone, word, sentence } = campaignState(campaign);
          return (
            <li key={campaign.id}>
              <button
                type="button"
                className={styles.past}
                title={sentence}
                onClick={() => ui.getState().go({ name: 'push', campaign: campaign.id })}
              >
                <StateIcon tone={tone} />
                <span className={styles.pastName}>{filesName(campaign)}</span>
                <span className={styles.pastHint}>
                  {word}, <RelativeTime at={campaign.startedAt} />
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
