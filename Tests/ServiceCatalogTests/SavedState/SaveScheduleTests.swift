// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("When state is saved")
struct SaveScheduleTests {
    @Test("Without a change nothing is to be saved")
    func nothing() {
        var schedule = SaveSchedule()
        #expect(schedule.deadline == nil)
        schedule.noteSaved(at: 5)
        #expect(schedule.deadline == nil)
    }

    @Test("A change is saved 30 s after it, and so are those that follow it")
    func burst() {
        var schedule = SaveSchedule()
        for now in [100.0, 101, 129] { schedule.noteChange(at: now) }
        #expect(schedule.deadline == 130)
        schedule.noteSaved(at: 130)
        #expect(schedule.deadline == nil)
        schedule.noteChange(at: 131)
        #expect(schedule.deadline == 161)
    }

    @Test("A change that comes while state is written is not lost")
    func changeWhileWriting() {
        var schedule = SaveSchedule()
        schedule.noteChange(at: 100)
        schedule.noteChange(at: 131)
        schedule.noteSaved(at: 130)
        #expect(schedule.deadline == 160)
    }

    @Test("What failed is tried again 30 s later")
    func failure() {
        var schedule = SaveSchedule()
        schedule.noteChange(at: 100)
        schedule.noteFailed(at: 130)
        #expect(schedule.deadline == 160)
        schedule.noteSaved(at: 160)
        #expect(schedule.deadline == nil)
    }

    @Test("Writes are 30 s apart and no change waits longer, whenever changes come")
    func always() {
        for period in [0.5, 7, 29, 30, 31, 45] {
            var schedule = SaveSchedule()
            var lastSave = -Double.infinity
            var waiting: [Double] = []
            var nextChange = 0.0
            for half in 0..<1200 {
                let now = Double(half) / 2
                if let deadline = schedule.deadline, now >= deadline {
                    #expect(now - lastSave >= 30)
                    #expect(waiting.allSatisfy { now - $0 <= 30 })
                    lastSave = now
                    waiting = []
                    schedule.noteSaved(at: now)
                }
                if now >= nextChange {
                    schedule.noteChange(at: now)
                    waiting.append(now)
                    nextChange += period
                }
            }
        }
    }
}
