import { useFields, useFieldValues } from '../api/queries';
import { FieldRows } from '../fields/field-row';
import type { Group } from '../fields/model';
import { useMessages } from '../i18n/language';
import { Avatar } from '../ui/avatar';
import { Card } from '../ui/card';

/** Shows the user's picture, name, and standard claims, followed by the app's own fields. */
export function ProfileSection() {
  const { cards } = useMessages();
  const { values } = useFieldValues();
  const getText = (name: string) => (typeof values[name] === 'string' ? values[name] : undefined);
  const name =
    getText('name') ??
    ([getText('givenName'), getText('familyName')].filter(Boolean).join(' ') || getText('username') || '');
  return (
    <>
      <div className="hero">
        <Avatar src={getText('avatar')} name={name} size="large" />
        <div>
          <p className="hero-name" dir="auto">
            {name || '\u00a0'}
          </p>
          <p className="quiet">{getText('primaryEmail') ?? getText('username') ?? '\u00a0'}</p>
        </div>
      </div>
      <GroupCard group="about" title={cards.about} />
      <GroupCard group="more" title={cards.more} />
    </>
  );
}

/** A card with the rows of one group. Renders nothing if the group has no fields. */
export function GroupCard({ group, title }: { group: Group; title: string }) {
  const fields = useFields().filter((field) => field.group === group);
  const { values } = useFieldValues();
  if (fields.length === 0) return null;
  return (
    <Card title={title}>
      <FieldRows fields={fields} values={values} />
    </Card>
  );
}
