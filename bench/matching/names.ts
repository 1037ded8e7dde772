// Names as people in Switzerland and the French neighbourhood bear them, the most frequent first; behind them a long row of rare ones,
// made of the parts of which such names are made. How often each is borne falls with its rank, as it does among the living.

export type Language = 'german' | 'french' | 'italian' | 'foreign'

const words = (text: string): string[] => text.trim().split(/\s+/)
const combined = (stems: string, ends: string): string[] =>
  words(ends).flatMap(end => words(stems).map(stem => stem + end))

const rareGerman = combined(
  `Acker Aeschi Alten Ambühl Anders Bäch Balm Berg Bie Birch Blatt Brand Brügg Buch Dietsch Dorn Eberl Eggen Eich Engel Erlen Esch Fank
   Feld Flück Gass Gemp Gräf Grün Gug Haber Hägg Halter Heid Him Hinter Höch Holz Hüs Imhol Inder Iten Käch Kälin Kirch Kreb Küng
   Lang Lauben Leu Lind Lüsch Mätz Mos Mühl Nägel Neu Nuss Ober Ochs Oesch Räb Reich Rieden Rind Rohr Rüeg Sand Schaff Schild Schön
   Seil Spreng Stäh Stein Stüss Tann Tobl Trüb Unter Ürr Vonder Wäl Wald Weid Wid Wild Win Zang Zbind Zell Zum Zür`,
  `er i mann li acher bach berger egger eler enberger felder gartner hauser hofer holzer isser linger meier ner rich rüti stalder stetter wyler`,
)
const rareFrench = combined(
  `Aub Bar Bel Ber Blanch Bor Bouv Brun Cach Carr Chap Char Chev Clav Cor Cour Crett Croi Dél Dem Dor Duf Fav Fleur Font Gail Gav
   Ger Gin Gross Guil Jacq Jean Jos Lam Lav Long Maill Mar Mor Mott Nic Pach Pas Per Pitt Port Reym Rib Roch Ross Roul Sal Sav
   Ser Taill Ter Thév Tiss Troll Vall Ver Vuill`,
  `on ard at ay az et ex ier oz in od eau elle enat illod ond ot oud ouz uet ut`,
)

export const families: Readonly<Record<Language, readonly string[]>> = {
  german: [
    ...words(`Müller Meier Schmid Keller Weber Huber Schneider Meyer Steiner Fischer Gerber Brunner Baumann Frei Zimmermann Moser Widmer Wyss
      Graf Roth Suter Baumgartner Bachmann Kunz Hofer Berger Hofmann Lehmann Kaufmann Lüthi Bühler Weiss Peter Schwarz Egger Christen
      Arnold Stalder Marti Ammann Maurer Schärer Wenger Sutter Hess Koch Bieri Schwab Studer Bucher Wirth Fuchs Vogel Bär Benz Bernhard
      Bosshard Burri Furrer Gasser Geiger Grob Gut Häfliger Hartmann Herzog Hug Imhof Jäggi Jenni Käser Kälin Küng Kuster Lang Ledermann
      Liechti Locher Lutz Mathys Merz Muff Näf Nef Odermatt Pfister Portmann Probst Rohner Rüegg Ryser Schaub Schenk Scherrer Schlatter
      Senn Siegenthaler Sigrist Spörri Stadelmann Stähli Stucki Sturzenegger Tanner Thommen Tobler Trachsel Vetter Vogt Vögeli Wagner Walser
      Wälti Wicki Winkler Wüthrich Zaugg Zbinden Zehnder Zürcher Aebi Aeschlimann Amstutz Bigler Blaser Bürgi Dubach Eggenberger Fankhauser
      Flückiger Gfeller Glauser Grünig Hänni Hirschi Hostettler Kohler Kropf Krebs Leuenberger Mäder Oberli Ramseier Reber Rindlisbacher
      Rothenbühler Salzmann Schüpbach Streit Tschanz Tschudi Wittwer Zingg`),
    ...[
      'von Arx',
      'von Gunten',
      'von Allmen',
      'von Känel',
      'von Rotz',
      'Von der Mühll',
      'In-Albon',
      'Auf der Maur',
      'Zur Mühle',
    ],
    ...rareGerman,
  ],
  french: [
    ...words(`Favre Rochat Martin Dubois Bernard Robert Thomas Richard Petit Durand Moreau Simon Michel Blanc Perret Jaquet Girard Chevalley
      Cuendet Dupont Lambert Fontaine Rousseau Bonvin Rey Monnier Pittet Python Piguet Jeanneret Gilliéron Aubert Pasche Meylan Golay
      Bovet Mermod Tauxe Bersier Gremaud Savoy Dafflon Overney Progin Ducrest Barras Clerc Droz Matthey Perrin Perrenoud Sandoz Huguenin
      Evard Junod Berthoud Borel Courvoisier Robellaz Guinand Vuilleumier Donzé Chapuis Froidevaux Beuret Chappuis Crausaz Duc Dayer
      Fournier Fauchère Germanier Héritier Mabillard Moix Roduit Vouilloz Bruchez Carron Darbellay Délèze Emery Faivre Gaillard Gay
      Leroux Lefèvre Mercier Garnier François Chevalier Roux Vincent Bonnet Dupuis Lacroix Noël Étienne Béguin Mégevand Pâquier`),
    ...['de Weck', 'de Courten', 'de Preux', 'Le Roux', "d'Alessandri", 'du Bois', 'de la Harpe'],
    ...rareFrench,
  ],
  italian: [
    ...words(`Bianchi Bernasconi Fontana Rossi Ferrari Crivelli Cavalli Rezzonico Pedrazzini Galli Colombo Brenni Lepori Maggi Quadri Ghisletta
      Solari Pellegrini Tettamanti Bottinelli Beretta Camponovo Canonica Cattaneo Cereghetti Delcò Ferrario Gianinazzi Guidotti Lurati
      Martinelli Molinari Monti Morandi Negri Padovani Poretti Riva Robbiani Rusca Sala Soldati Stoppa Valsangiacomo Vassalli Zanetti`),
    ...['De Luca', 'Di Stefano', 'Della Torre', 'De Rosa'],
  ],
  foreign: [
    ...words(`Silva Santos Ferreira Pereira Krasniqi Gashi Berisha Oliveira Costa Rodrigues Martins Fernandes Gomes Lopes Marques Almeida Ribeiro
      Shala Morina Bytyqi Hoxha Kryeziu Rexhepi Sejdiu Jovanović Petrović Nikolić Đorđević Marković Ilić Kovačević Hodžić Kaya Yılmaz
      Demir Çelik Şahin Öztürk Arslan García Fernández González López Rodríguez Sánchez Nguyen Tran Tesfay Haile Kumar Singh Sivakumar
      Nowak Kowalska Wójcik Horváth Nagy Popescu Ionescu Wagner Becker Schulz Hoffmann Krüger Łukasik Sørensen`),
    ...['da Silva', 'dos Santos', 'El Amrani', 'Al Hassan', 'de Oliveira', 'van den Berg'],
  ],
}

/** By when somebody was born: before 1960, before 1990, since. */
type Generations = readonly [readonly string[], readonly string[], readonly string[]]

export const givens: Readonly<Record<Language, Readonly<Record<'F' | 'M', Generations>>>> = {
  german: {
    F: [
      words(`Maria Anna Elisabeth Verena Ruth Margrit Ursula Rosmarie Heidi Hedwig Martha Gertrud Rosa Erika Elsbeth Susanne Katharina Edith
        Doris Marianne Vreni Annemarie Frieda Alice Käthi Trudi Regula Christine Magdalena Johanna Theres Lina Berta Klara Emma Ida Helene`),
      words(`Sandra Monika Claudia Nicole Barbara Andrea Silvia Daniela Christine Karin Esther Brigitte Susanne Manuela Franziska Petra Sabine
        Yvonne Regula Nadine Cornelia Jacqueline Anita Bettina Corinne Denise Eveline Gabriela Irene Jolanda Judith Katrin Maja Priska`),
      words(`Laura Sarah Lea Anna Mia Emma Lara Nina Julia Lena Leonie Alina Elena Sophie Selina Livia Jana Noemi Céline Chiara Michelle Vanessa
        Fabienne Ronja Malin Elin Ladina Flurina Seraina Zoé Aline Larissa Anja Melanie Rahel Tabea Salome Lia`),
    ],
    M: [
      words(`Hans Peter Walter Kurt Werner Josef Paul Heinz Ernst Fritz Rudolf Max Karl Alfred Otto Robert Hermann Franz Jakob Johann Emil
        Bruno Hansruedi Hanspeter Ulrich Willi Heinrich Friedrich Gottfried Albert Adolf Eduard Oskar Anton Alois Arnold Ueli Sepp`),
      words(`Daniel Thomas Christian Martin Andreas Markus Stefan Michael Beat Urs Roland Marcel Patrick Bruno René Roger Jürg Christoph Marco
        Reto Philipp Adrian Pascal Matthias Simon Sandro Rolf Erich Ivo Guido Lukas Oliver Dominik Thomas Hans-Peter Hans-Jörg Karl-Heinz`),
      words(`Luca David Noah Nico Jan Leon Tim Fabian Lukas Simon Jonas Samuel Nils Elias Livio Dario Kevin Raphael Joel Silvan Yannick Florian
        Benjamin Levin Gian Andrin Aaron Julian Robin Manuel Timo Cédric Severin Tobias Mattia Jannis Loris Finn`),
    ],
  },
  french: {
    F: [
      words(`Marie Jacqueline Monique Anne-Marie Denise Madeleine Suzanne Jeanne Yvette Germaine Simone Marguerite Rose Marie-Thérèse Françoise
        Christiane Claudine Josiane Liliane Odette Huguette Lucienne Colette Éliane Edith Nelly Yvonne Andrée Hélène Thérèse`),
      words(`Nathalie Isabelle Catherine Christine Sylvie Véronique Valérie Sandrine Anne Céline Stéphanie Sophie Florence Martine Laurence
        Patricia Corinne Chantal Dominique Brigitte Marie-Claude Anne-Laure Carole Caroline Fabienne Karine Magali Myriam Pascale Nicole`),
      words(`Léa Emma Chloé Manon Camille Sarah Laura Julie Marie Mathilde Océane Zoé Clara Jade Alice Lucie Charlotte Élise Inès Justine Margaux
        Mélanie Noémie Pauline Éloïse Anaïs Maëlle Coralie Aurélie Gaëlle`),
    ],
    M: [
      words(`Jean Pierre Michel André Jean-Pierre Roger Claude Marcel Robert Georges René Paul Henri Louis Charles Bernard Gilbert Francis
        Jean-Claude Jacques Gérard Raymond Maurice Roland Fernand Edmond Ernest Albert Lucien Émile Jean-Jacques Jean-François`),
      words(`Philippe Pascal Christophe Laurent Alain Nicolas Olivier Stéphane Patrick Thierry Didier Frédéric Yves Éric François Daniel Christian
        Marc Pierre-Alain Jean-Marc Jean-Luc Gilles Fabrice Cédric Sébastien Vincent Yvan Serge Dominique Claude-Alain`),
      words(`Lucas Nathan Hugo Louis Théo Arthur Gabriel Nolan Maxime Alexandre Julien Thomas Antoine Quentin Mathieu Romain Jérémy Kevin Loïc
        Valentin Damien Florian Guillaume Adrien Benoît Bastien Raphaël Noé Léo Timéo`),
    ],
  },
  italian: {
    F: [
      words(`Maria Anna Giuseppina Teresa Rosa Carla Angela Lucia Elena Franca Ida Pia Rita Silvana Graziella Ines`),
      words(
        `Daniela Paola Monica Roberta Patrizia Barbara Francesca Sabrina Manuela Simona Cristina Antonella Tiziana Lorenza`,
      ),
      words(`Giulia Sofia Chiara Martina Alessia Elisa Sara Aurora Giada Gaia Arianna Camilla Noemi Valentina`),
    ],
    M: [
      words(`Giuseppe Giovanni Mario Carlo Luigi Pietro Antonio Franco Renato Sergio Aldo Bruno Dario Angelo Guido`),
      words(
        `Marco Roberto Claudio Stefano Andrea Fabio Massimo Paolo Luca Alessandro Davide Maurizio Gianluca Giorgio`,
      ),
      words(
        `Leonardo Matteo Alessandro Lorenzo Mattia Gabriele Nicolò Simone Tommaso Riccardo Filippo Elia Samuele Diego`,
      ),
    ],
  },
  foreign: {
    F: [
      words(
        `Maria Ana Fatima Rosa Isabel Teresa Hatice Ayşe Fatma Emine Jelena Milica Ljiljana Zorica Sanije Nexhmije Carmen Josefa`,
      ),
      words(
        `Ana Paula Sandra Carla Elif Zeynep Valbona Vjosa Arta Dragana Jasmina Mirela Marta Mónica Lucía Priya Meena Hanna Agnieszka`,
      ),
      words(
        `Sofia Beatriz Mariana Inês Elira Arbnora Blerta Rinesa Ecrin Defne Lejla Amina Sara Daniela Selam Yodit Anjali Zofia`,
      ),
    ],
    M: [
      words(
        `José António Manuel João Joaquim Mehmet Mustafa Ahmet Ali Dragan Milan Zoran Slobodan Ramadan Hysen Francisco Juan Antonio`,
      ),
      words(
        `Carlos Paulo Rui Jorge Luís Murat Hakan Emre Bekim Arben Agim Goran Nenad Saša Javier Alejandro Kumar Ravi Piotr Tomasz`,
      ),
      words(
        `Tiago Diogo Gonçalo Rafael Emir Yusuf Kerem Leart Drin Erion Luka Nikola Stefan Pablo Álvaro Dawit Yonas Arjun Jakub`,
      ),
    ],
  },
}
