import { readFileSync } from 'node:fs';
import { buildCluster } from './scenarios/build-cluster.ts';
import { importNftJson } from './scenarios/import/nft-json.ts';
import { randomScenario } from './scenarios/random-scenario.ts';
import { schemePresets } from './scenarios/presets/scheme-presets.ts';
const meta = JSON.parse(readFileSync('/work/shared/data/golden-handover.json','utf8')).meta;
const rs = (n:string):any => { const r:any=importNftJson(JSON.stringify(meta.rules_nft_json[n]), n); return r.ruleset ?? r; };
const a=rs('restricted'), b=rs('restricted-syn');
const [,,from,to]=process.argv;
let n=0, ev=0; const t0=process.cpuUsage().user;
const outcomes: Record<string,number>={};
for (let seed=+from!;seed<=+to!;seed++){
  const sc=randomScenario(seed,a,b);
  for (const s of [null,'as-written' as const,...schemePresets.map(p=>p.scheme)]){
    const c=buildCluster(sc,{seed,repetition:0,scheme:s,replayCommand:'seed '+seed});
    c.observations.contextCompared.subscribe(()=>{}); c.observations.divergence.subscribe(()=>{});
    c.observations.migrationPhase.subscribe(p=>{const k=p.phase+' '+p.reason;outcomes[k]=(outcomes[k]??0)+1});
    try { c.run(); } catch(e:any){ console.log('SEED',seed,sc.description, typeof s==='string'||s===null?s:s.name, e.message.slice(0,400), e.stack.split('\n').filter((l:string)=>l.includes('/work/main')).slice(0,6).join('\n')); process.exit(1)}
    n++; ev+=c.simulation.eventsRun;
  }
}
console.log(n,'runs',ev,'events',(process.cpuUsage().user-t0)/1e6,'s',outcomes);
