// Where people live: towns with their postal codes, the larger first, and the streets that every town has.
import type { Language } from './names.js'

export interface Town {
  postalCode: string
  city: string
}

const towns = (text: string): Town[] =>
  text
    .trim()
    .split(/\s*,\s*/)
    .flatMap(each => {
      const [codes = '', city = ''] = each.split(/\s+(.*)/)
      return codes.split('/').map(postalCode => ({ postalCode, city }))
    })

const german =
  towns(`8001/8003/8004/8005/8006/8008/8032/8037/8046/8047/8048/8049/8050/8051/8055/8057 Zürich, 4051/4053/4054/4055/4056/4057/4058 Basel,
  3004/3005/3006/3007/3008/3010/3012/3013/3014/3018/3027 Bern, 8400/8404/8405/8406 Winterthur, 6003/6004/6005/6014 Luzern, 9000/9008/9014 St. Gallen,
  2502/2503/2504 Biel/Bienne, 3600/3604 Thun, 3098 Köniz, 8200 Schaffhausen, 7000 Chur, 8610 Uster, 6300 Zug, 8953 Dietikon, 8640 Rapperswil,
  5400 Baden, 5430 Wettingen, 5000 Aarau, 4600 Olten, 4500 Solothurn, 8500 Frauenfeld, 8280 Kreuzlingen, 9500 Wil SG, 6010 Kriens, 4132 Muttenz,
  4123 Allschwil, 4153 Reinach BL, 3400 Burgdorf, 4900 Langenthal, 6210 Sursee, 6460 Altdorf UR, 6430 Schwyz, 8750 Glarus, 9050 Appenzell,
  9100 Herisau, 8810 Horgen, 8820 Wädenswil, 8180 Bülach, 8620 Wetzikon ZH, 5600 Lenzburg, 4800 Zofingen, 3930 Visp, 3900 Brig, 3700 Spiez,
  3800 Interlaken, 3550 Langnau im Emmental, 6060 Sarnen, 6370 Stans, 7270 Davos Platz, 9470 Buchs SG, 1700 Freiburg, 3280 Murten, 8730 Uznach`)
const french =
  towns(`1201/1202/1203/1204/1205/1206/1207/1208/1209/1213/1219/1227 Genève, 1003/1004/1005/1006/1007/1010/1012/1018 Lausanne,
  1700 Fribourg, 2000 Neuchâtel, 2300 La Chaux-de-Fonds, 1950 Sion, 1800 Vevey, 1820 Montreux, 1400 Yverdon-les-Bains, 1870 Monthey, 1920 Martigny,
  1630 Bulle, 1110 Morges, 1260 Nyon, 1196 Gland, 1020 Renens VD, 1008 Prilly, 1009 Pully, 3960 Sierre, 2800 Delémont, 2400 Le Locle,
  2900 Porrentruy, 1860 Aigle, 1530 Payerne, 1510 Moudon, 1290 Versoix, 1217 Meyrin, 1212 Grand-Lancy, 1214 Vernier, 1226 Thônex, 1040 Echallens,
  1450 Sainte-Croix, 1350 Orbe, 1470 Estavayer-le-Lac, 2740 Moutier, 2610 Saint-Imier, 74100 Annemasse, 01210 Ferney-Voltaire, 25500 Morteau,
  68300 Saint-Louis, 74160 Saint-Julien-en-Genevois, 25300 Pontarlier`)
const italian =
  towns(`6900/6962/6963 Lugano, 6500 Bellinzona, 6600 Locarno, 6830 Chiasso, 6850 Mendrisio, 6612 Ascona, 6710 Biasca, 6780 Airolo,
  6952 Canobbio, 6928 Manno, 6934 Bioggio, 6648 Minusio, 7742 Poschiavo, 6535 Roveredo GR`)

export const townsOf: Readonly<Record<Exclude<Language, 'foreign'>, readonly Town[]>> = { german, french, italian }

const lines = (text: string): string[] =>
  text
    .trim()
    .split(/\s*,\s*/)
    .filter(Boolean)

export const streetsOf: Readonly<Record<Exclude<Language, 'foreign'>, readonly string[]>> = {
  german:
    lines(`Bahnhofstrasse, Hauptstrasse, Dorfstrasse, Schulstrasse, Bergstrasse, Industriestrasse, Gartenstrasse, Birkenweg, Kirchgasse,
    Oberdorfstrasse, Unterdorfstrasse, Poststrasse, Seestrasse, Zürcherstrasse, Bernstrasse, Luzernerstrasse, Baslerstrasse, Ringstrasse, Lindenweg,
    Rosenweg, Sonnenweg, Mühleweg, Feldstrasse, Waldstrasse, Wiesenweg, Schützenstrasse, Steinackerstrasse, Quellenstrasse, Talstrasse,
    Im Grund, Am Bach, Neugasse, Marktgasse, Rebenweg, Buchenweg, Eichenweg, Ahornweg, Tannenweg, Friedhofstrasse, Rosenbergstrasse, Höhenweg,
    Winkelriedstrasse, Tellstrasse, Pestalozzistrasse, Gotthardstrasse, Alpenstrasse, Rigistrasse, Säntisstrasse, Jurastrasse, Weststrasse,
    Oststrasse, Nordstrasse, Südstrasse, Hofackerstrasse, Langgasse, Burgstrasse, Spitalgasse, Römerstrasse, Zelgstrasse, Bachstrasse`),
  french:
    lines(`Rue de la Gare, Grand-Rue, Avenue de la Gare, Rue du Lac, Route de Berne, Route de Genève, Rue de Lausanne, Chemin des Vignes,
    Rue du Marché, Place de la Poste, Rue des Alpes, Avenue des Alpes, Chemin du Bois, Rue du Temple, Rue de l'Église, Route Cantonale,
    Chemin de la Colline, Rue du Stand, Rue Neuve, Rue du Collège, Avenue de la Harpe, Boulevard de Grancy, Chemin des Fleurettes, Rue du Midi,
    Rue du Nord, Avenue d'Ouchy, Rue de Carouge, Route de Meyrin, Rue des Moulins, Chemin du Levant, Rue du Pont, Rue des Eaux-Vives,
    Rue Saint-Pierre, Quai du Mont-Blanc, Boulevard du Pont-d'Arve, Rue de la Servette, Chemin des Roses, Rue du Château, Ruelle du Four,
    Avenue du Léman, Chemin de Montelly, Rue des Terreaux, Route du Simplon, Rue des Remparts, Impasse des Tilleuls`),
  italian:
    lines(`Via alla Stazione, Via Cantonale, Via San Gottardo, Via Nassa, Viale Stazione, Via Trevano, Via Lugano, Via Locarno, Via Motta,
    Piazza Grande, Via Besso, Via Vela, Via alla Chiesa, Via Monte Ceneri, Via ai Ronchi, Via Pretorio, Via Franscini, Via del Sole`),
}
