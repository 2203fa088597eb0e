// Spanish (Peru) number and date words for plotly.js; the same place in plotly.js' own locale files (MIT, see LICENSE).
window.Plotly.register({
  moduleType: 'locale',
  name: 'es-PE',
  dictionary: {},
  format: {
    days: ['domingo', 'lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábado'],
    shortDays: ['dom', 'lun', 'mar', 'mié', 'jue', 'vie', 'sáb'],
    months: ['enero', 'febrero', 'marzo', 'abril', 'mayo', 'junio', 'julio', 'agosto', 'septiembre', 'octubre', 'noviembre', 'diciembre'],
    shortMonths: ['ene', 'feb', 'mar', 'abr', 'may', 'jun', 'jul', 'ago', 'sep', 'oct', 'nov', 'dic'],
    date: '%d/%m/%Y',
    decimal: '.',
    thousands: ',',
    currency: ['S/ ', '']
  }
});
