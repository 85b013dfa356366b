/** DS18B20 through the kernel (Maxim DS18B20 data sheet; kernel: Documentation/w1/slaves/w1_therm.rst). */

/** Family code of the chip, as the kernel writes it. */
export const FAMILY = '28';
/** Reading it converts, which takes 750 ms at 12 bits, and gives the nine bytes of memory twice. */
export const FILE = 'w1_slave';
/** What the temperature register holds at power-up, °C ("Memory", table of power-on states). */
export const POWER_ON_CELSIUS = 85;
