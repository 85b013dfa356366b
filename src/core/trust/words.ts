/**
 * 256 short, plainly spelled words, one for each byte. Their order is part of what people compare on paper:
 * never reorder, only a new list under a new name could replace this one.
 */
export const WORDS: readonly string[] = `
acid acorn actor agent alarm album alley amber anchor ankle apple apron arch arena arrow atlas
attic autumn bacon badge bagel bamboo banjo barn basil basket beach beard beaver bench berry birch
bishop blade blanket boat bonus bottle branch bread brick bridge bronze broom bucket buffalo butter cabin
cactus camel candle canoe canyon carbon carpet castle cedar cello chalk cherry chess chimney circus clay
clock cloud clover cobra coffee comet copper coral cotton cousin crane crater cricket crown cube curtain
daisy dancer deer delta denim desert diamond dinner doctor dolphin donkey dragon drum eagle echo elbow
elm ember engine fabric falcon farmer feather fence fiddle finger flute forest fossil fox freckle frost
galaxy garden garlic ghost ginger glacier glove goat gravel guitar hammer harbor hazel helmet hermit hippo
honey hotel igloo index insect iris iron island ivory jacket jaguar jelly jewel jigsaw judge jungle
kayak kettle kidney king kite kitten koala ladder lagoon lantern lemon leopard lever lily lizard llama
lobster locket lotus magnet mango maple marble market meadow melon mint mirror monkey moss mountain mule
museum napkin needle nickel north nurse oasis ocean olive onion orange orbit orchid otter oxygen oyster
paddle panda paper parrot peach pebble pencil pepper piano pigeon pilot planet pocket pony potato prism
pumpkin puzzle quartz queen quilt rabbit radio raven ribbon river robin rocket saddle sailor salmon satin
scarf school shadow silver siren skate spider squid stable statue sugar summer table tango temple thumb
tiger timber tomato tulip tunnel turtle umpire uncle valley velvet violin vulture wagon walnut whale yellow
`
  .trim()
  .split(/\s+/);
