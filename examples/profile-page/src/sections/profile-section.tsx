import { useFields, useKnownValues } from '../api/queries';
import { Rows } from '../fields/field-row';
import type { Group } from '../fields/model';
import { useWords } from '../i18n/language';
import { Avatar } from '../ui/avatar';
import { Card } from '../ui/card';

/** The person's picture, name and standard claims; below, what the app itself wants to know. */
export function ProfileSection() {
  const { cards } = useWords();
  const { values } = useKnownValues();
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : undefined);
  const name =
    text('name') ?? ([text('givenName'), text('familyName')].filter(Boolean).join(' ') || text('username') || '');
  return (
    <>
      <div className="hero">
        <Avatar src={text('avatar')} name={name} size="large" />
        <div>
          <p className="hero-name" dir="auto">
            {name || '\u00a0'}
          </p>
          <p className="quiet">{text('primaryEmail') ?? text('username') ?? '\u00a0'}</p>
        </div>
      </div>
      <GroupCard group="about" title={cards.about} />
      <GroupCard group="more" title={cards.more} />
    </>
  );
}

/** The card with the rows of one group; none where the catalogue has no such field. */
export function GroupCard({ group, title }: { group: Group; title: string }) {
  const fields = useFields().filter((field) => field.group === group);
  const { values } = useKnownValues();
  if (fields.length === 0) return null;
  return (
    <Card title={title}>
      <Rows fields={fields} values={values} />
    </Card>
  );
}
