/** Every kind of bus a driver may hang on. */
import type { Bus } from './bus.ts';
import type { GpioLines } from './gpio-lines.ts';
import type { ModbusBus } from './modbus/modbus-bus.ts';
import type { MqttBus } from './mqtt/mqtt-bus.ts';
import type { SerialBus } from './serial/serial-bus.ts';
import type { SpiBus } from './spi-bus.ts';
import type { W1Bus } from './w1-bus.ts';

export type AnyBus = Bus | SpiBus | GpioLines | W1Bus | SerialBus | ModbusBus | MqttBus;
