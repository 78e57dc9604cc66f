import { noEvent } from '../../sim/event-queue.ts';
import type { Stream as Draws } from '../../sim/random.ts';
import type { DatagramContext, DatagramFlow, DatagramPlay } from './datagram-flow.ts';
import { drawIntervalNs, type Interval } from './interval.ts';
import { drawBytes, type Size } from './size.ts';

/** Questions of the initiator that the other end answers, one at a time. */
export interface QuestionSettings {
  readonly question: Size;
  readonly answer: Size;
  /** From an answer, or from giving up, to the next question. */
  readonly think: Interval;
  /** A question unanswered for so long is asked again, so many times in all. */
  readonly timeoutNs: number;
  readonly tries: number;
  /** Whether each question comes from a port of its own. */
  readonly newPort: boolean;
  readonly stopNs: number;
}

/** One asker: asks, waits, asks again when no answer comes, and gives up after so many tries. */
export class DatagramQuestions implements DatagramPlay {
  private readonly settings: QuestionSettings;
  private readonly context: DatagramContext;
  private readonly flow: DatagramFlow;
  private readonly draws: Draws;
  private question = -1;
  private triesLeft = 0;
  private timeout = noEvent;

  constructor(settings: QuestionSettings, context: DatagramContext, flow: DatagramFlow, draws: Draws) {
    this.settings = settings;
    this.context = context;
    this.flow = flow;
    this.draws = draws;
  }

  begin(): void {
    this.ask();
  }

  arrived(at: 'peer' | 'vm', message: number): void {
    const { initiator, ends } = this.context;
    if (at !== initiator) {
      const bytes = drawBytes(this.settings.answer, this.draws.uniform2(this.flow.flow, message * 4 + 1));
      this.flow.send(at, bytes, message);
    } else if (message === this.question && this.triesLeft >= 0) {
      ends[initiator].clock.cancel(this.timeout);
      this.rest();
    }
  }

  /** Asks the next question. */
  ask(): void {
    const { simulation } = this.context;
    if (simulation.nowNs > this.settings.stopNs) return;
    if (this.settings.newPort && this.question >= 0) this.flow.move();
    this.question++;
    this.triesLeft = this.settings.tries;
    this.tryOnce();
  }

  /** Sends the question, or gives it up. */
  tryOnce(): void {
    const { initiator, ends } = this.context;
    if (this.triesLeft === 0) {
      this.flow.giveUp(initiator);
      this.rest();
      return;
    }
    this.triesLeft--;
    const draw = this.draws.uniform2(this.flow.flow, this.question * 4);
    this.timeout = ends[initiator].clock.schedule(this.settings.timeoutNs, tryOnce, this);
    this.flow.send(initiator, drawBytes(this.settings.question, draw), this.question);
  }

  private rest(): void {
    const { initiator, ends } = this.context;
    this.triesLeft = -1;
    const draw = this.draws.uniform2(this.flow.flow, this.question * 4 + 2);
    ends[initiator].clock.schedule(drawIntervalNs(this.settings.think, draw), ask, this);
  }
}

function tryOnce(questions: DatagramQuestions): void {
  questions.tryOnce();
}

function ask(questions: DatagramQuestions): void {
  questions.ask();
}
