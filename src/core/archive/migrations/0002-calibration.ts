/** Corrections that a person measured. */
export const calibration = `
-- The one in force while a run lasted, as the device told it, in JSON: scale, offset, by, at; what the chip said is
-- (value - offset) / scale. NULL: as the chip said.
ALTER TABLE run_channel ADD COLUMN calibration TEXT;
`;
