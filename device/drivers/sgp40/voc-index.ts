/**
 * The VOC index of Sensirion's Gas Index Algorithm: 100 is the average of what the sensor has met of late, up to 500 is
 * more, down to 1 is less. Pure: raw signals in, an index out. A port of sensirion_gas_index_algorithm.c 3.2.1 (the part
 * for VOC, with its default tuning; https://github.com/Sensirion/gas-index-algorithm); names follow it.
 */

/*!
 * Copyright (c) 2022, Sensirion AG
 * All rights reserved.
 *
 * Redistribution and use in source and binary forms, with or without
 * modification, are permitted provided that the following conditions are met:
 *
 * * Redistributions of source code must retain the above copyright notice, this
 *   list of conditions and the following disclaimer.
 *
 * * Redistributions in binary form must reproduce the above copyright notice,
 *   this list of conditions and the following disclaimer in the documentation
 *   and/or other materials provided with the distribution.
 *
 * * Neither the name of Sensirion AG nor the names of its
 *   contributors may be used to endorse or promote products derived from
 *   this software without specific prior written permission.
 *
 * THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"
 * AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
 * IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE
 * ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE
 * LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR
 * CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF
 * SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS
 * INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN
 * CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE)
 * ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE
 * POSSIBILITY OF SUCH DAMAGE.
 */

const INITIAL_BLACKOUT_S = 45;
const INDEX_GAIN = 230;
const SRAW_STD_INITIAL = 50;
const SRAW_STD_BONUS = 220;
const SRAW_MINIMUM = 20_000;
const TAU_MEAN_S = 12 * 3600;
const TAU_VARIANCE_S = 12 * 3600;
const TAU_INITIAL_MEAN_S = 20;
const TAU_INITIAL_VARIANCE_S = 2500;
const INIT_DURATION_MEAN_S = 3600 * 0.75;
const INIT_DURATION_VARIANCE_S = 3600 * 1.45;
const INIT_TRANSITION = 0.01;
const GATING_THRESHOLD = 340;
const GATING_THRESHOLD_INITIAL = 510;
const GATING_THRESHOLD_TRANSITION = 0.09;
const GATING_MAX_DURATION_MIN = 180;
const GATING_MAX_RATIO = 0.3;
const SIGMOID_L = 500;
const SIGMOID_K = -0.0065;
const SIGMOID_X0 = 213;
const LP_TAU_FAST_S = 20;
const LP_TAU_SLOW_S = 500;
const LP_ALPHA = -0.2;
const GAMMA_SCALING = 64;
const ADDITIONAL_GAMMA_MEAN_SCALING = 8;
const PERSISTENCE_UPTIME_GAMMA_S = 3 * 3600;
const UPTIME_MAX_S = 32_767;

/** What is worth keeping over a short interruption. */
export interface VocStates {
  mean: number;
  std: number;
}

export class VocIndex {
  readonly #intervalS: number;
  #uptimeS = 0;
  #sraw = 0;
  #index = 0;
  readonly #estimator: MeanVarianceEstimator;
  readonly #lowpass: AdaptiveLowpass;

  /** `intervalS` between two signals, tried by its makers with 1 and 10. `states`: of before an interruption. */
  constructor(intervalS: number, states: VocStates | null = null) {
    this.#intervalS = intervalS;
    this.#estimator = new MeanVarianceEstimator(intervalS, states);
    this.#lowpass = new AdaptiveLowpass(intervalS);
    if (states) this.#sraw = states.mean;
  }

  /** The index after this raw signal, 1 to 500; 0 for the first 45 s, in which there is none. */
  process(sraw: number): number {
    if (this.#uptimeS <= INITIAL_BLACKOUT_S) {
      this.#uptimeS += this.#intervalS;
      return 0;
    }
    if (sraw > 0 && sraw < 65_000)
      this.#sraw = Math.min(SRAW_MINIMUM + 32_767, Math.max(SRAW_MINIMUM + 1, sraw)) - SRAW_MINIMUM;
    const { mean, std } = this.#estimator.states;
    const relative = ((this.#sraw - mean) / -(std + SRAW_STD_BONUS)) * INDEX_GAIN;
    this.#index = Math.max(0.5, this.#lowpass.process(scaled(relative)));
    if (this.#sraw > 0) this.#estimator.process(this.#sraw, this.#index);
    return Math.trunc(this.#index + 0.5);
  }

  /** Null before three hours, when they are not worth keeping yet; they serve for ten minutes. */
  get states(): VocStates | null {
    return this.#estimator.uptimeGammaS < PERSISTENCE_UPTIME_GAMMA_S ? null : this.#estimator.states;
  }
}

/** What mean and deviation of the signal are: quick at first, then over half a day, and hardly while the air is bad. */
class MeanVarianceEstimator {
  readonly #intervalS: number;
  readonly #gamma: { mean: number; variance: number; initialMean: number; initialVariance: number };
  #isInitialized = false;
  #mean = 0;
  #offset = 0;
  #std = SRAW_STD_INITIAL;
  #uptimeGammaS = 0;
  #uptimeGatingS = 0;
  #gatingMin = 0;

  constructor(intervalS: number, states: VocStates | null) {
    this.#intervalS = intervalS;
    const gamma = (tauS: number) => (GAMMA_SCALING * intervalS) / (tauS + intervalS);
    this.#gamma = {
      mean: ADDITIONAL_GAMMA_MEAN_SCALING * gamma(TAU_MEAN_S),
      variance: gamma(TAU_VARIANCE_S),
      initialMean: ADDITIONAL_GAMMA_MEAN_SCALING * gamma(TAU_INITIAL_MEAN_S),
      initialVariance: gamma(TAU_INITIAL_VARIANCE_S),
    };
    if (!states) return;
    this.#mean = states.mean;
    this.#std = states.std;
    this.#uptimeGammaS = PERSISTENCE_UPTIME_GAMMA_S;
    this.#isInitialized = true;
  }

  get states(): VocStates {
    return { mean: this.#mean + this.#offset, std: this.#std };
  }

  get uptimeGammaS(): number {
    return this.#uptimeGammaS;
  }

  process(sraw: number, index: number): void {
    if (!this.#isInitialized) {
      this.#isInitialized = true;
      this.#offset = sraw;
      this.#mean = 0;
      return;
    }
    if (this.#mean >= 100 || this.#mean <= -100) {
      this.#offset += this.#mean;
      this.#mean = 0;
    }
    const gamma = this.#gammas(index);
    const delta = (sraw - this.#offset - this.#mean) / GAMMA_SCALING;
    const c = this.#std + Math.abs(delta);
    const scaling = c > 1440 ? (c / 1440) ** 2 : 1;
    this.#std =
      Math.sqrt(scaling * (GAMMA_SCALING - gamma.variance)) *
      Math.sqrt(
        (this.#std * this.#std) / (GAMMA_SCALING * scaling) + ((gamma.variance * delta) / scaling) * delta,
      );
    this.#mean += (gamma.mean * delta) / ADDITIONAL_GAMMA_MEAN_SCALING;
  }

  #gammas(index: number): { mean: number; variance: number } {
    const limitS = UPTIME_MAX_S - this.#intervalS;
    if (this.#uptimeGammaS < limitS) this.#uptimeGammaS += this.#intervalS;
    if (this.#uptimeGatingS < limitS) this.#uptimeGatingS += this.#intervalS;
    const { mean, variance, initialMean, initialVariance } = this.#gamma;

    const isNewMean = sigmoid(this.#uptimeGammaS, INIT_DURATION_MEAN_S, INIT_TRANSITION);
    const isNewVariance = sigmoid(this.#uptimeGammaS, INIT_DURATION_VARIANCE_S, INIT_TRANSITION);
    const gating = (durationS: number): number => {
      const isNew = sigmoid(this.#uptimeGatingS, durationS, INIT_TRANSITION);
      const threshold = GATING_THRESHOLD + (GATING_THRESHOLD_INITIAL - GATING_THRESHOLD) * isNew;
      return sigmoid(index, threshold, GATING_THRESHOLD_TRANSITION);
    };
    const gatingMean = gating(INIT_DURATION_MEAN_S);
    const gatingVariance = gating(INIT_DURATION_VARIANCE_S);

    this.#gatingMin +=
      (this.#intervalS / 60) * ((1 - gatingMean) * (1 + GATING_MAX_RATIO) - GATING_MAX_RATIO);
    if (this.#gatingMin < 0) this.#gatingMin = 0;
    if (this.#gatingMin > GATING_MAX_DURATION_MIN) this.#uptimeGatingS = 0;
    return {
      mean: gatingMean * (mean + (initialMean - mean) * isNewMean),
      variance: gatingVariance * (variance + (initialVariance - variance) * (isNewVariance - isNewMean)),
    };
  }
}

/** Smooths little changes over minutes, and lets large ones through in seconds. */
class AdaptiveLowpass {
  readonly #intervalS: number;
  readonly #fast: number;
  readonly #slow: number;
  #x: [fast: number, slow: number, out: number] | null = null;

  constructor(intervalS: number) {
    this.#intervalS = intervalS;
    this.#fast = intervalS / (LP_TAU_FAST_S + intervalS);
    this.#slow = intervalS / (LP_TAU_SLOW_S + intervalS);
  }

  process(sample: number): number {
    const [fastBefore, slowBefore, outBefore] = this.#x ?? [sample, sample, sample];
    const fast = (1 - this.#fast) * fastBefore + this.#fast * sample;
    const slow = (1 - this.#slow) * slowBefore + this.#slow * sample;
    const tau = (LP_TAU_SLOW_S - LP_TAU_FAST_S) * Math.exp(LP_ALPHA * Math.abs(fast - slow)) + LP_TAU_FAST_S;
    const a = this.#intervalS / (this.#intervalS + tau);
    const out = (1 - a) * outBefore + a * sample;
    this.#x = [fast, slow, out];
    return out;
  }
}

/** From 1 far below `x0` to 0 far above. */
function sigmoid(sample: number, x0: number, k: number): number {
  const x = k * (sample - x0);
  if (x < -50) return 1;
  return x > 50 ? 0 : 1 / (1 + Math.exp(x));
}

/** The signal's distance from its mean on the scale of the index, 0 to 500, the mean itself at 100. */
function scaled(sample: number): number {
  const x = SIGMOID_K * (sample - SIGMOID_X0);
  if (x < -50) return SIGMOID_L;
  // with the usual offset of 100 the reference has one curve on both sides of the mean
  return x > 50 ? 0 : SIGMOID_L / (1 + Math.exp(x));
}
