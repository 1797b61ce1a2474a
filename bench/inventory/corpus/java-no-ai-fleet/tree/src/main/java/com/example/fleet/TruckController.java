package com.example.fleet;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

@Controller
public class TruckController {

    @GetMapping("/trucks")
    public String trucks(Model model) {
        Truck truck = Truck.builder().maker("Orion").model("step-2-cargo").engine(Engine.TURBO).build();
        model.addAttribute("truck", truck);
        model.addAttribute("completion", 0.5);
        return "trucks";
    }
}
