import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';

const loader = new GLTFLoader();
export const load = ({ model = 'gemini-chair.glb' } = {}) => loader.loadAsync(`/models/${model}`);
