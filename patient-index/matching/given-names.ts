// Given names that are a letter away from another one: Lea and Lena, Jan and Jana, Marco and Mario are two names, and parents of twins like
// such names; Danial is Daniel mistyped.
import { folded } from './spelling.js'

const near = `
  Ada Ida Adina Ladina Alan Alain Alana Alba Alban Albana Albin Albina Albert Alberto Alice Alicia Alina Aline Alena Elena Elina Elin Malin Malina
  Amelia Amélie Emilia Emilie Emil Emily Emma Emmy Ella Elia Elias Elio Eliane Elisa Elise Elsa Else Amina Amir Amira Emin Emina Emir Emira
  Ana Anna Anne Anja Anya Tanja Ronja Sonja Sonia Anita Annina Annika Hanna Hannes Hans Hanspeter André Andrea Andreas Andri Andrin Andrina Andrej
  Angela Angelo Angelina Anton Antonio Antonia Antoine Arben Arbnor Ariana Ariane Arian Adrian Adriana Adriano Aron Aurel Aurelia Aurélie
  Ben Beni Beat Beata Beate Beatrice Beatrix Bruno Bruna Carla Carlo Carlos Carole Carina Karin Karina Karim Karima Karl Karla Charlotte
  Céline Celina Selina Selin Melina Melanie Milena Mila Milan Milo Mira Mina Nina Nino Nico Nicola Nicole Nicolas Niklas Nikola Nils Nila
  Chiara Clara Claire Claude Claudia Claudio Christa Christian Christiane Christina Christine Cristian Cristina Kristina Corina Corinne Cora Kora
  Dana Dania Daniel Daniela Daniele Danilo Dario Daria Darius Mario Maria Marie Marion Marina Marino Marian Mariana Marianne Marius Martin Martina Martine
  Marta Martha Marthe Marlene Marlen Marco Marc Marcel Marcella Marcello Mark Marko Markus Mirco Mirko Maja Maya Mia Lia Lea Leo Leon Léonie Leona Leonard
  Leonardo Leandro Leandra Lena Levin Levi Leni Lina Livia Livio Liv Linda Lisa Lise Luisa Louis Louise Luis Loris Doris Iris Luca Lucas Luc Lucia Lucie
  Lucien Lucienne Luana Luan Lukas Lydia Denis Denise Diana Diane Dina Dino Gina Gino Tina Tino Timo Tim Tom Tobias Tobia Dominik Dominique Dragan Dragana
  Eric Erich Erik Erika Erica Ernst Erna Edith Judith Eva Eve Yves Yvan Ivan Ivana Ivo Yvonne Iva Fabio Fabia Fabian Fabien Fabienne Flavia Flavio
  Flurin Flurina Florian Florin Florina Franz Franca Franco Francesca Francesco François Françoise Frank Fritz Frida Frieda Gabriel Gabriela Gabriele
  Georg George Georges Gian Gianna Gianni Jan Jana Jane Jean Jeanne Jann Jon Jona Jonas Jonathan Joana João Joel Joëlle Noel Noëlle Noé Noa Noah Nora
  Noemi Naomi Hugo Hugues Ines Inès Ina Inga Irma Irina Irene Isabel Isabella Isabelle Janine Janina Jessica Josef Josefa Joseph Joséphine Josua Joshua
  Julia Julian Juliana Julie Julien Julienne Juliette Jules Jürg Jörg Urs Ursin Ursina Ursula Kevin Kelvin Kilian Lara Laura Laurent Laurence Lauren Lorena
  Lorenz Lorenzo Sara Sarah Mara Tara Zara Manuel Manuela Emanuel Emanuela Mathias Matthias Mattia Mathieu Matteo Mauro Maura Maurus Max Maxim Maxime
  Michael Michaela Michel Michèle Michelle Mike Miriam Myriam Mirjam Mona Monika Monica Simona Simon Simone Ramon Ramona Roman Romana Romain Romina Romy
  Nadia Nadja Nadine Nadin Natalie Natalia Nathalie Nathan Natan Olivia Oliver Olivier Oskar Oscar Otto Pascal Pascale Patric Patrick Patricia Patrizia Paul
  Paula Paulo Paolo Paola Pauline Peter Petra Pietro Philipp Philippe Pia Priska Rachel Rahel Raphael Raphaela Rafael Rafaela Ralf Rolf Ralph Regina Regula
  Remo Reto Renato Renata Renate René Renée Renzo Rita Robert Roberta Roberto Robin Robina Roland Rolande Rosa Rosalie Rosmarie Ruben Rubina Rudolf Ruth
  Sabina Sabine Sabrina Salome Samuel Samuele Sandra Sandro Sascha Sasha Severin Severina Silvan Silvana Silvia Silvio Sylvia Sylvie Sven Svenja Stefan
  Stefania Stefanie Stéphane Stéphanie Steven Susanna Susanne Theo Thea Theodor Theres Therese Tiago Diego Diogo Thomas Tomas Urban Valentin Valentina
  Valeria Valerie Valerio Vera Verena Verona Veronika Victor Victoria Viktor Viktoria Vincent Vincenz Werner Xavier Yannick Yannik Yara Zoran Zorana Zoe
  Ali Aylin Ayla Ayla Arda Berat Besim Blerta Burim Driton Elif Enes Enis Enisa Erion Erjon Fatma Fatima Fatih Hasan Hakan Husein Jovan Jovana Leart Leonora
  Merve Mert Milica Murat Nenad Nermin Nermina Orhan Samir Samira Selim Selma Senad Senada Shpend Valon Valona Yasin Yasmin Jasmin Jasmina Yusuf Zeynep
`

const known: ReadonlySet<string> = new Set(near.trim().split(/\s+/).map(folded))

/** Whether two names that look alike are none the less two, and not one of them mistyped or written as it sounds. */
export function areTwoNames(one: string, other: string): boolean {
  if (heardAs(one) === heardAs(other)) return false
  return (known.has(one) && known.has(other)) || isOfBoyAndGirl(one, other)
}

/** Daniel and Daniela, Arben and Arbena, Mario and Maria: the end alone says whether a boy or a girl is meant. */
function isOfBoyAndGirl(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one]
  if (long.length - short.length > 1 || short.length < 3) return false
  const stem = long.slice(0, -1)
  return (
    vowel.test(long.at(-1) ?? '') && (short === stem || (short.slice(0, -1) === stem && vowel.test(short.at(-1) ?? '')))
  )
}

const vowel = /[aeiou]/

/** Sara is Sarah and Denis is Dennis, whoever wrote it down: what is not heard is one name. */
function heardAs(name: string): string {
  return name
    .replace(/ph/g, 'f')
    .replace(/ck|c(?![eih])/g, 'k')
    .replace(/y|j/g, 'i')
    .replace(/h/g, '')
    .replace(/(.)\1+/g, '$1')
}
