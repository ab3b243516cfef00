// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice OpenZeppelin's ERC-20 with dividends in the native coin: an index of money per share, magnified by 2^128, to which both
/// sides of a transfer are settled before their balances change.
contract DividendToken is ERC20 {
    uint256 private constant MAGNITUDE = 2 ** 128;

    uint256 public perShare;
    mapping(address => uint256) private settledAt;
    mapping(address => uint256) private pending;

    event Deposited(address indexed from, uint256 amount, uint256 perShare);
    event Claimed(address indexed holder, uint256 amount);

    error NoShares();
    error NothingToClaim(address holder);
    error PayoutFailed(address holder, uint256 amount);

    constructor(uint256 supply) ERC20("Dividends", "DIV") {
        _mint(msg.sender, supply);
    }

    function deposit() external payable {
        uint256 supply = totalSupply();
        if (supply == 0) revert NoShares();
        perShare += msg.value * MAGNITUDE / supply;
        emit Deposited(msg.sender, msg.value, perShare);
    }

    function claim() external {
        settle(msg.sender);
        uint256 amount = pending[msg.sender];
        if (amount == 0) revert NothingToClaim(msg.sender);
        pending[msg.sender] = 0;
        (bool paid, ) = msg.sender.call{value: amount}("");
        if (!paid) revert PayoutFailed(msg.sender, amount);
        emit Claimed(msg.sender, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (from != address(0)) settle(from);
        if (to != address(0)) settle(to);
        super._update(from, to, amount);
    }

    function settle(address holder) private {
        uint256 index = perShare;
        uint256 since = index - settledAt[holder];
        if (since == 0) return;
        uint256 shares = balanceOf(holder);
        if (shares != 0) pending[holder] += shares * since / MAGNITUDE;
        settledAt[holder] = index;
    }
}
