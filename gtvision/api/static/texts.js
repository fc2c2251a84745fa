// All texts of the page, in both languages, and how times and numbers are written.

const EN = {
  cameras: "Cameras", events: "Events", language: "Language", skip_to_events: "Skip to events",
  log_in: "Log in", log_out: "Log out", login: "This system is locked", key: "Key",
  login_why: "Enter the key from its settings (http.key).", login_wrong: "That is not the key.",
  no_answer: "The system does not answer. Try again in a moment.",
  summary: "{running} of {all} cameras running",
  simulated_weights: "The detector knows simulated traffic only. With real cameras it finds next to nothing: set detector.weights.",
  live: "Live", connecting: "Connecting…", reconnecting: "Connection lost. Reconnecting…",
  no_cameras: "No camera yet. Add the first one:",
  no_events: "No events yet. They appear here by themselves as soon as a vehicle is seen.",
  no_matching_events: "No events match these filters.", clear_filters: "Clear filters",
  load_older: "Load older", new_events: "{n} new ↑",
  filter_camera: "Camera", filter_kind: "Kind", filter_type: "Trigger",
  idle: "Idle", burst: "Motion", day: "Day", night: "Night", sampled: "{age} ago", passed: "{share} passed",
  profile_title: "By the sun and by infrared; triggers may ask for one of them",
  sampled_title: "Time since the camera was last looked at", passed_title: "Share of samples that showed motion and went to the detector",
  waiting_for_picture: "Waiting for a picture", no_signal: "No picture",
  state_running: "Running", state_starting: "Starting", state_retrying: "No signal", state_stopped: "Stopped",
  state_waiting: "Waiting", state_disabled: "Off", picture_of: "Picture of {name}",
  kind_person: "Person", kind_bicycle: "Bicycle", kind_motorcycle: "Motorcycle", kind_car: "Car", kind_bus: "Bus", kind_truck: "Truck",
  type_enter: "Entered", type_leave: "Left", type_cross: "Crossed", type_dwell: "Stayed", type_stationary: "Stopped",
  type_wrong_way: "Wrong way", type_speed: "Speed", type_queue: "Queue", type_watchlist: "On a list",
  on_list: "{listed} on {list}", differs: "{n} look-alike differs", withdrawn: "withdrawn: read better since", fact_hit: "Listed",
  plates: "Plates", plates_and_lists: "Plates and watchlists", search: "Search", match: "How it matches",
  match_exact: "Exact", match_prefix: "Begins with", match_pattern: "Pattern (* ?)", match_near: "One look-alike",
  search_reason: "Why you search (recorded)", no_plates: "No plate was found.", plates_found: "{n} found, newest first", crop: "Picture", when: "Time",
  watchlists: "Watchlists", watchlist: "List", action: "Action", action_alert: "Alert", action_log: "Log", entries: "Entries",
  where: "Where", everywhere: "everywhere", no_lists: "There is no watchlist yet.",
  action_alert_why: "Alert: somebody should look now", action_log_why: "Log: to be looked up later", settings: "Settings", name: "Name",
  new_list: "New list", list_id: "Id (cannot be changed later)", group: "group {name}",
  looks_out: "Who looks out; everywhere if nothing is chosen", save: "Save", saved: "Saved.", cancel: "Cancel", show: "Show", load_more: "Load more",
  remove_list: "Remove the list", remove_list_sure: "Remove the list {name}? Entries that go with it: {n}. The hits that it made stay.",
  add_plate: "Add a plate", import_csv: "Import CSV", export_csv: "Export CSV", imported: "Added: {added}. On the list now: {n}.",
  no_entries: "Nothing is on this list yet.", look_reason: "Why you look (recorded)", remove: "Remove", remove_of: "Remove {plate}", removed: "{plate} is off the list.",
  remove_entry_sure: "Take {plate} off the list {list}? The hits that it made stay.", reason: "Reason", put_reason: "Reason (each hit carries it)",
  put_on_list: "Put on a list", put_of: "Put on a list: {plate}", put: "Put on the list", put_done: "{plate} is on the list {list}.",
  valid: "Valid", valid_from: "Valid from", valid_to: "Valid until", valid_since: "from {time}", valid_until: "until {time}", always: "always",
  partners: "Partners", connected: "connected", not_connected: "not connected", waiting_in: "{queue}: {n} waiting",
  speed: "{kmh} km/h", speed_note: "estimate, not for fines", vehicles: "{n} vehicles", length: "{m} m",
  forward: "forward", backward: "backward", ongoing: "ongoing",
  newer: "Newer event", older: "Older event", close: "Close",
  best_picture: "Best picture", clip: "Clip", no_picture: "No picture yet.", no_clip: "The clip appears when the vehicle has gone.",
  fact_camera: "Camera", fact_trigger: "Trigger", fact_zone: "Zone", fact_line: "Line", fact_direction: "Direction", fact_start: "Start",
  fact_end: "End", fact_duration: "Duration", fact_score: "Score", fact_plate: "Plate", fact_track: "Vehicle",
  counts: "Counts", counts_today: "Counted today", hour: "Hour", total: "Total",
  no_counts: "Nothing was counted today. A count trigger counts who crosses a line:",
  fact_speed: "Speed", fact_queue: "Queue",
  announced: "{kind}, {type}, {camera}", announced_many: "{n} new events",
};

const PT = {
  cameras: "Câmeras", events: "Eventos", language: "Idioma", skip_to_events: "Ir para os eventos",
  log_in: "Entrar", log_out: "Sair", login: "Este sistema está bloqueado", key: "Chave",
  login_why: "Digite a chave das configurações (http.key).", login_wrong: "Essa não é a chave.",
  no_answer: "O sistema não responde. Tente de novo daqui a pouco.",
  summary: "{running} de {all} câmeras em operação",
  simulated_weights: "O detector só conhece trânsito simulado. Com câmeras reais não acha quase nada: defina detector.weights.",
  live: "Ao vivo", connecting: "Conectando…", reconnecting: "Conexão perdida. Reconectando…",
  no_cameras: "Nenhuma câmera ainda. Adicione a primeira:",
  no_events: "Nenhum evento ainda. Eles aparecem aqui assim que um veículo for visto.",
  no_matching_events: "Nenhum evento corresponde aos filtros.", clear_filters: "Limpar filtros",
  load_older: "Carregar anteriores", new_events: "{n} novos ↑",
  filter_camera: "Câmera", filter_kind: "Tipo", filter_type: "Gatilho",
  idle: "Sem movimento", burst: "Movimento", day: "Dia", night: "Noite", sampled: "há {age}", passed: "{share} passou",
  profile_title: "Pelo sol e pelo infravermelho; gatilhos podem exigir um dos dois",
  sampled_title: "Tempo desde a última amostra da câmera", passed_title: "Parte das amostras com movimento, enviadas ao detector",
  waiting_for_picture: "Aguardando imagem", no_signal: "Sem imagem",
  state_running: "Em operação", state_starting: "Iniciando", state_retrying: "Sem sinal", state_stopped: "Parada",
  state_waiting: "Aguardando", state_disabled: "Desligada", picture_of: "Imagem de {name}",
  kind_person: "Pessoa", kind_bicycle: "Bicicleta", kind_motorcycle: "Moto", kind_car: "Carro", kind_bus: "Ônibus", kind_truck: "Caminhão",
  type_enter: "Entrou", type_leave: "Saiu", type_cross: "Cruzou", type_dwell: "Permaneceu", type_stationary: "Parou",
  type_wrong_way: "Contramão", type_speed: "Velocidade", type_queue: "Fila", type_watchlist: "Na lista",
  on_list: "{listed} na lista {list}", differs: "{n} caractere parecido difere", withdrawn: "retirado: lida melhor depois", fact_hit: "Na lista",
  plates: "Placas", plates_and_lists: "Placas e listas de vigilância", search: "Buscar", match: "Como corresponde",
  match_exact: "Exata", match_prefix: "Começa com", match_pattern: "Padrão (* ?)", match_near: "Um parecido",
  search_reason: "Motivo da busca (registrado)", no_plates: "Nenhuma placa encontrada.", plates_found: "{n} encontradas, mais recentes primeiro", crop: "Imagem", when: "Horário",
  watchlists: "Listas de vigilância", watchlist: "Lista", action: "Ação", action_alert: "Alerta", action_log: "Registro", entries: "Itens",
  where: "Onde", everywhere: "em toda parte", no_lists: "Ainda não há lista de vigilância.",
  action_alert_why: "Alerta: alguém deve olhar agora", action_log_why: "Registro: para consultar depois", settings: "Configurações", name: "Nome",
  new_list: "Nova lista", list_id: "Identificador (não muda depois)", group: "grupo {name}",
  looks_out: "Quem vigia; em toda parte se nada for marcado", save: "Salvar", saved: "Salvo.", cancel: "Cancelar", show: "Mostrar", load_more: "Carregar mais",
  remove_list: "Remover a lista", remove_list_sure: "Remover a lista {name}? Itens que vão junto: {n}. As ocorrências já registradas permanecem.",
  add_plate: "Adicionar placa", import_csv: "Importar CSV", export_csv: "Exportar CSV", imported: "Novos: {added}. Agora na lista: {n}.",
  no_entries: "Ainda não há nada nesta lista.", look_reason: "Motivo da consulta (registrado)", remove: "Remover", remove_of: "Remover {plate}", removed: "{plate} saiu da lista.",
  remove_entry_sure: "Tirar {plate} da lista {list}? As ocorrências já registradas permanecem.", reason: "Motivo", put_reason: "Motivo (vai em cada ocorrência)",
  put_on_list: "Pôr em uma lista", put_of: "Pôr em uma lista: {plate}", put: "Pôr na lista", put_done: "{plate} está na lista {list}.",
  valid: "Validade", valid_from: "Válido desde", valid_to: "Válido até", valid_since: "desde {time}", valid_until: "até {time}", always: "sempre",
  partners: "Parceiros", connected: "conectado", not_connected: "sem conexão", waiting_in: "{queue}: {n} aguardando",
  speed: "{kmh} km/h", speed_note: "estimativa, não serve para multas", vehicles: "{n} veículos", length: "{m} m",
  forward: "sentido direto", backward: "sentido inverso", ongoing: "em curso",
  newer: "Evento mais recente", older: "Evento anterior", close: "Fechar",
  best_picture: "Melhor imagem", clip: "Vídeo", no_picture: "Ainda sem imagem.", no_clip: "O vídeo aparece quando o veículo sair.",
  fact_camera: "Câmera", fact_trigger: "Gatilho", fact_zone: "Zona", fact_line: "Linha", fact_direction: "Sentido", fact_start: "Início",
  fact_end: "Fim", fact_duration: "Duração", fact_score: "Confiança", fact_plate: "Placa", fact_track: "Veículo",
  counts: "Contagens", counts_today: "Contagem de hoje", hour: "Hora", total: "Total",
  no_counts: "Nada foi contado hoje. Um gatilho count conta quem cruza uma linha:",
  fact_speed: "Velocidade", fact_queue: "Fila",
  announced: "{kind}, {type}, {camera}", announced_many: "{n} eventos novos",
};

export const TEXTS = { en: EN, "pt-BR": PT };

const KEPT = "gtvision.language";
const listeners = new Set();
const spoken = navigator.language.toLowerCase().startsWith("pt") ? "pt-BR" : "en";
const kept = localStorage.getItem(KEPT);
let language = kept in TEXTS ? kept : spoken;

export const KINDS = ["car", "motorcycle", "bus", "truck", "bicycle", "person"];
export const TYPES = ["enter", "leave", "cross", "dwell", "stationary", "wrong_way", "speed", "queue", "watchlist"];

export function text(key, values = {}) {
  const pattern = TEXTS[language][key] ?? key;
  return pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export function currentLanguage() {
  return language;
}

export function setLanguage(chosen) {
  language = chosen;
  localStorage.setItem(KEPT, chosen);
  for (const listener of listeners) listener();
}

/** Calls the listener now and whenever the language changes. */
export function onLanguage(listener) {
  listeners.add(listener);
  listener();
}

export function seconds(value) {
  if (value >= 3600) return `${Math.floor(value / 3600)} h ${Math.floor((value % 3600) / 60)} min`;
  if (value >= 60) return `${Math.floor(value / 60)} min ${Math.floor(value % 60)} s`;
  return `${value.toLocaleString(language, { maximumFractionDigits: value < 10 ? 1 : 0 })} s`;
}

export function whole(value) {
  return value.toLocaleString(language, { maximumFractionDigits: 0 });
}

export function percent(share) {
  return share.toLocaleString(language, { style: "percent", maximumFractionDigits: share < 0.1 ? 1 : 0 });
}

/** The time of day at the camera's site, with the day when it is not today's there. */
export function clock(iso, timeZone, { withDay = false } = {}) {
  const moment = new Date(iso);
  const day = (date) => date.toLocaleDateString(language, { timeZone });
  const isToday = day(moment) === day(new Date());
  const options = { timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false };
  if (withDay || !isToday) Object.assign(options, { day: "2-digit", month: "2-digit" });
  if (withDay) Object.assign(options, { year: "numeric", timeZoneName: "short" });
  return moment.toLocaleString(language, options);
}
