/** What the control plane says of itself, before anything that stands on it runs out of time. */
import type { Component } from '../../model/diagnosis.ts';
import type { Finding } from '../../model/finding.ts';
import type { Clues, Rule } from '../rule.ts';

const leaders: Readonly<Record<string, Component>> = {
  'kube-scheduler': 'scheduler',
  'kube-controller-manager': 'controller-manager',
};

const found = ({ findings }: Clues, code: Finding['code']) => findings.find((one) => one.code === code);
const said = ({ message }: Finding) => message.replace(/\.$/, '');

export const controlPlane: readonly Rule[] = [
  {
    name: 'api-server/not-ready',
    seen: '/readyz of the API server lists checks that fail; etcd among them',
    read: (clues) => {
      const finding = found(clues, 'api.not_ready');
      if (!finding) return undefined;
      return {
        component: 'api-server',
        ...(/\betcd\b/.test(finding.message) && { part: 'etcd' }),
        confidence: 'certain',
        sentence: `${said(finding)}.`,
        command: "kubectl get --raw '/readyz?verbose'",
      };
    },
  },
  {
    name: 'api-server/slow',
    seen: "requests take too long each time; lists from the API server's memory do not (etcd), or do as well",
    read: (clues) => {
      const finding = found(clues, 'api.slow');
      if (!finding) return undefined;
      const isAdmission = finding.message.startsWith('Admission');
      return {
        component: isAdmission ? 'admission' : 'api-server',
        ...(finding.message.startsWith('etcd') && { part: 'etcd' }),
        confidence: 'likely',
        sentence: `${said(finding)}.`,
        command: isAdmission
          ? 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations'
          : "kubectl get --raw '/readyz?verbose'",
      };
    },
  },
  {
    name: 'api-server/lease-not-renewed',
    seen: 'the lease of the scheduler or the controller manager is not renewed while one looks',
    read: (clues) => {
      const finding = found(clues, 'k8s.lease_stale');
      const component = leaders[finding?.object?.name ?? ''];
      if (!finding || !component) return undefined;
      return {
        component,
        confidence: 'certain',
        sentence: `${said(finding)}.`,
        command: `kubectl get pods -n kube-system -l component=${finding.object?.name}`,
      };
    },
  },
  {
    name: 'api-server/api-unavailable',
    seen: 'an APIService is not Available',
    read: (clues) => {
      const finding = found(clues, 'k8s.api_unavailable');
      if (!finding) return undefined;
      return {
        component: 'api-server',
        part: `aggregated API ${finding.object?.name}`,
        confidence: 'certain',
        sentence: `${said(finding)}.`,
        command: `kubectl describe apiservice ${finding.object?.name}`,
      };
    },
  },
  {
    name: 'api-server/watch-silent',
    seen: 'a watch does not show an object that a list has',
    read: (clues) => {
      const finding = found(clues, 'timeout.watch');
      if (!finding) return undefined;
      return {
        component: 'api-server',
        confidence: 'likely',
        sentence: `A watch of the API server is silent: ${said(finding)}. What works by watching is late, too.`,
        command: "kubectl get --raw '/readyz?verbose'",
      };
    },
  },
  {
    name: 'setup/clocks-differ',
    seen: "the API server's clock and ours are more than 30 s apart",
    read: (clues) => {
      const finding = found(clues, 'k8s.clock_differs');
      if (!finding) return undefined;
      return {
        component: 'setup',
        part: 'clocks',
        confidence: 'likely',
        sentence: `${said(finding)}. Whose clock is wrong nobody can tell from here.`,
      };
    },
  },
];
