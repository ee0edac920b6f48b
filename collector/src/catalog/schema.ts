/**
 * The catalog's tables. All of it but `last_seen_ms`, `obeyed_…`, `took_…`, heartbeats, exact receive times, positions and when packs were read
 * last is a cache of what the packs hold: `backstay-collector rebuild` makes it anew. Steps are only ever added; one that
 * was released never changes.
 */
export interface Step {
  readonly name: string
  readonly statements: readonly string[]
}

/** Their numbers are their places, counted from 1. */
export const steps: readonly Step[] = [
  {
    name: 'begin',
    statements: [
      // `fleet` is null until the first Trust document has been stored.
      'create table vaults (vault integer primary key, fleet blob)',

      // Everything below `indexed_bytes` has its rows. state: open, sealed, damaged, missing.
      `create table packs (
        pack integer primary key,
        vault integer not null,
        name text not null unique,
        bytes integer not null,
        indexed_bytes integer not null,
        state text not null
      )`,

      // whole: this object and everything below it was here when it was admitted. Without it the object can be read,
      // but nobody may build on it.
      `create table objects (
        vault integer not null,
        domain blob not null,
        id blob not null,
        pack integer not null,
        position integer not null,
        length integer not null,
        type integer not null,
        whole integer not null,
        primary key (vault, domain, id)
      ) without rowid`,
      'create index objects_in_part on objects (vault, domain, id) where whole = 0',

      `create table domains (
        vault integer not null,
        domain blob not null,
        objects integer not null,
        bytes integer not null,
        primary key (vault, domain)
      ) without rowid`,

      // What should be here and is not. A row leaves when the object was put again.
      `create table damage (
        vault integer not null,
        domain blob not null,
        id blob not null,
        pack text not null,
        position integer not null,
        length integer not null,
        type integer not null,
        reason text not null,
        noted_at_ms integer not null,
        primary key (vault, domain, id)
      ) without rowid`,

      // Signed envelopes except commits. ordinal: the version of a Trust document, the epoch of an escrow.
      // state: believed; found by a replay and not judged yet; refused, because its signatures do not hold.
      `create table records (
        number integer primary key,
        fleet blob not null,
        kind text not null,
        domain blob not null,
        id blob not null,
        ordinal integer not null,
        received_at_ms integer not null,
        state text not null,
        envelope blob not null,
        unique (fleet, domain, id)
      )`,
      'create index records_by_kind on records (fleet, kind, domain, ordinal)',

      `create table devices (
        fleet blob not null,
        device blob not null,
        vault integer not null,
        key_id blob not null,
        device_key blob not null,
        grant_id blob not null,
        name text not null,
        platform text not null,
        certificate blob not null,
        enrolled_at_ms integer not null,
        last_seen_ms integer,
        revoked_at_ms integer,
        primary key (fleet, device)
      )`,
      'create unique index devices_by_key on devices (fleet, key_id)',
      'create index devices_by_grant on devices (fleet, grant_id)',

      `create table grants (
        fleet blob not null,
        grant_id blob not null,
        grant_key blob not null,
        label text not null,
        max_uses integer not null,
        uses integer not null,
        expires_at_ms integer not null,
        manual_approval integer not null,
        envelope blob not null,
        revoked_at_ms integer,
        primary key (fleet, grant_id)
      )`,

      // published: everything it reaches is here. damaged: objects below it that the last scrub missed, at least.
      `create table snapshots (
        fleet blob not null,
        vault integer not null,
        device blob not null,
        id blob not null,
        sequence integer not null,
        previous blob,
        branch blob,
        root blob not null,
        epoch integer not null,
        complete integer not null,
        entries integer not null,
        bytes integer not null,
        unread integer not null,
        started_at_ms integer not null,
        ended_at_ms integer not null,
        received_at_ms integer not null,
        published integer not null,
        damaged integer not null,
        primary key (fleet, device, id)
      )`,
      'create index snapshots_by_sequence on snapshots (fleet, device, sequence)',
      'create index snapshots_by_time on snapshots (fleet, received_at_ms)',
      'create index snapshots_waiting on snapshots (fleet, device) where published = 0',

      // Scratch of a scrub: objects from which a damaged one can be reached.
      `create table scrub_touched (
        vault integer not null,
        domain blob not null,
        id blob not null,
        damaged blob not null,
        primary key (vault, domain, id, damaged)
      ) without rowid`,
      'create table positions (vault integer not null, name text not null, value text not null, primary key (vault, name))',
    ],
  },
  {
    name: 'retention',
    statements: [
      // born_ms: when it was acknowledged last, by the retention clock; null: before that clock began in this catalog.
      // condemned_ms: nothing that stays needs it since then. It counts as absent and its bytes go after a time.
      'alter table objects add column born_ms integer',
      'alter table objects add column condemned_ms integer',
      'create index objects_condemned on objects (vault, domain, id) where condemned_ms is not null',

      // By the retention clock; null: before it began here. receipted: a signed receipt says so.
      'alter table snapshots add column held_since_ms integer',
      'alter table snapshots add column receipted integer not null default 0',
      // The row leaves when the bytes of its commit are gone.
      'alter table snapshots add column forgotten_ms integer',
      'create index snapshots_forgotten on snapshots (fleet, device, id) where forgotten_ms is not null',
      'create index snapshots_unreceipted on snapshots (fleet, device) where receipted = 0',
      'alter table records add column held_since_ms integer',

      // Scratch of a collection: what is reached from what stays. expanded: its children are here too.
      `create table marks (
        vault integer not null,
        domain blob not null,
        id blob not null,
        expanded integer not null,
        primary key (vault, domain, id)
      ) without rowid`,
      'create index marks_waiting on marks (vault, domain, id) where expanded = 0',
    ],
  },
  {
    name: 'heartbeats',
    statements: [
      // The newest of each device. Lost with the catalog; the next heartbeat brings it back.
      `create table heartbeats (
        fleet blob not null,
        device blob not null,
        envelope blob not null,
        heard_at_ms integer not null,
        primary key (fleet, device)
      )`,
    ],
  },
  {
    name: 'rotation',
    statements: [
      // When every byte of it was known to be whole last, by the retention clock: read and hashed, or written. 0: not in
      // this catalog's time. failed_reads: tries since then at which the disk failed, and tried_ms the last of them.
      'alter table packs add column verified_ms integer not null default 0',
      'alter table packs add column failed_reads integer not null default 0',
      'alter table packs add column tried_ms integer not null default 0',
      'create index packs_by_verified on packs (vault, verified_ms)',

      // Damaged objects that a snapshot needs, a few of each, as of the last search.
      `create table damaged_snapshots (
        fleet blob not null,
        device blob not null,
        snapshot blob not null,
        damaged blob not null,
        primary key (fleet, device, snapshot, damaged)
      ) without rowid`,
    ],
  },
  {
    name: 'policy',
    statements: [
      // What a device said last of the orders that it obeys. refused: JSON, [{ id in hexadecimal digits or null, code }].
      'alter table devices add column obeyed_standing blob',
      'alter table devices add column obeyed_refused text',
      'alter table devices add column obeyed_at_ms integer',
    ],
  },
  {
    name: 'ratchets',
    statements: [
      // What each device showed last, and was offered since. Lost with the catalog: then it begins anew.
      `create table ratchets (
        fleet blob not null,
        device blob not null,
        shown blob not null,
        offers blob not null,
        cloned_since_ms integer,
        cloned_last_ms integer,
        primary key (fleet, device)
      )`,
    ],
  },
  {
    name: 'log',
    statements: [
      // The append-only log of what happened, counted from 0 (proto/log). detail: canonical JSON.
      `create table log_entries (
        fleet blob not null,
        number integer not null,
        at_ms integer not null,
        actor text not null,
        action text not null,
        device text,
        target text,
        detail text,
        primary key (fleet, number)
      )`,
      'create index log_entries_by_device on log_entries (fleet, device, number) where device is not null',
      'create index log_entries_by_action on log_entries (fleet, action, number)',

      // Whole subtrees of its Merkle tree; level 0 are the leaves.
      `create table log_nodes (
        fleet blob not null,
        level integer not null,
        place integer not null,
        hash blob not null,
        primary key (fleet, level, place)
      ) without rowid`,

      // logged: it is in the log.
      'alter table snapshots add column logged integer not null default 0',
      'alter table records add column logged integer not null default 0',
      'create index snapshots_unlogged on snapshots (fleet, received_at_ms) where logged = 0',
      'create index records_unlogged on records (fleet, number) where logged = 0',
    ],
  },
  {
    name: 'people',
    statements: [
      // roles, groups: JSON lists; groups null: all. password: PHC string. totp: sealed with the collector's own key.
      `create table people (
        fleet blob not null,
        person blob not null,
        account text not null,
        name text not null,
        roles text not null,
        groups text,
        password text,
        totp blob,
        totp_step integer not null,
        oidc text,
        disabled integer not null,
        created_at_ms integer not null,
        last_sign_in_at_ms integer,
        primary key (fleet, person)
      )`,
      'create unique index people_by_account on people (fleet, account)',
      'create unique index people_by_oidc on people (fleet, oidc) where oidc is not null',
      `create table passkeys (
        fleet blob not null,
        passkey blob not null,
        person blob not null,
        credential text not null,
        public_key blob not null,
        counter integer not null,
        transports text not null,
        name text not null,
        created_at_ms integer not null,
        last_used_at_ms integer,
        primary key (fleet, passkey)
      )`,
      'create unique index passkeys_by_credential on passkeys (fleet, credential)',
      'create index passkeys_by_person on passkeys (fleet, person)',
      // hash: SHA-256 of what the browser holds. Lost with the catalog: people sign in again.
      `create table sessions (
        fleet blob not null,
        hash blob not null,
        session blob not null,
        person blob not null,
        method text not null,
        strong integer not null,
        started_at_ms integer not null,
        expires_at_ms integer not null,
        last_seen_ms integer not null,
        proved_at_ms integer not null,
        address text not null,
        software text not null,
        primary key (fleet, hash)
      )`,
      'create index sessions_by_person on sessions (fleet, person)',
      `create table api_tokens (
        fleet blob not null,
        token blob not null,
        hash blob not null,
        name text not null,
        roles text not null,
        groups text,
        created_by text not null,
        created_at_ms integer not null,
        expires_at_ms integer not null,
        last_used_at_ms integer,
        primary key (fleet, token)
      )`,
      'create unique index api_tokens_by_hash on api_tokens (fleet, hash)',
      // state: open, done, declined. sealed: age file to the restore admins.
      `create table intents (
        number integer primary key,
        fleet blob not null,
        kind text not null,
        device blob not null,
        asked_by text not null,
        at_ms integer not null,
        expires_at_ms integer not null,
        state text not null,
        sealed blob,
        note text,
        closed_by text,
        closed_at_ms integer,
        job blob,
        reason text
      )`,
    ],
  },
  {
    name: 'alerts',
    statements: [
      // What people set up, as JSON: rules, channels, schedules of reports, settings.
      `create table documents (
        fleet blob not null,
        kind text not null,
        id text not null,
        body text not null,
        changed_at_ms integer not null,
        primary key (fleet, kind, id)
      )`,
      // Addresses and keys of channels, the password of the mail server. Not among the rows that go into the packs.
      `create table document_secrets (
        fleet blob not null,
        kind text not null,
        id text not null,
        secret text not null,
        primary key (fleet, kind, id)
      )`,
      // body: JSON. recovered_at_ms null: it lasts.
      `create table alerts (
        fleet blob not null,
        id text not null,
        rule text not null,
        subject text not null,
        raised_at_ms integer not null,
        recovered_at_ms integer,
        body text not null,
        primary key (fleet, id)
      )`,
      'create index alerts_open on alerts (fleet) where recovered_at_ms is null',
      'create index alerts_by_time on alerts (fleet, raised_at_ms)',
      // What is to be delivered: written with what it tells of, gone when it was taken.
      `create table outbox (
        fleet blob not null,
        id text not null,
        channel text not null,
        due_at_ms integer not null,
        made_at_ms integer not null,
        attempts integer not null,
        body text not null,
        primary key (fleet, id)
      )`,
      'create index outbox_by_time on outbox (fleet, due_at_ms)',
      // How the fleet and its store were, once an hour; older ones once a day. body: JSON.
      'create table samples (fleet blob not null, at_ms integer not null, body text not null, primary key (fleet, at_ms))',
    ],
  },
  {
    name: 'took',
    statements: [
      // The release of which a device fetched a package last.
      'alter table devices add column took_version text',
      'alter table devices add column took_at_ms integer',
    ],
  },
  {
    name: 'parcels',
    statements: [
      // Domains that are no devices. until_ms: as signed.
      `create table parcels (
        fleet blob not null,
        parcel blob not null,
        parcel_key blob not null,
        key_id blob not null,
        source blob not null,
        receiver blob not null,
        entries integer not null,
        bytes integer not null,
        given_at_ms integer not null,
        until_ms integer not null,
        primary key (fleet, parcel)
      )`,
      'create index parcels_by_key on parcels (fleet, key_id)',
      // Apart, because a rebuild may find the end before the beginning.
      `create table parcel_ends (
        fleet blob not null,
        parcel blob not null,
        ended_at_ms integer not null,
        primary key (fleet, parcel)
      )`,
    ],
  },
]
