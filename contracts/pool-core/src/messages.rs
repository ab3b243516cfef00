//! Which part of a pool answers which message; all that are not named here the logic answers.

yieldset_shell::selectors! {
    /// What the front answers by itself; what is rare or wrong about them it hands on to the logic, which answers them
    /// too.
    pub mod front {
        transfer(address, uint256);
        transferFrom(address, address, uint256);
        approve(address, uint256);
        balanceOf(address);
        allowance(address, address);
        totalSupply();
        deposit(bytes32, uint32, uint256);
        claim();
    }
    /// What the claims answer: the logic would be in each proof otherwise.
    pub mod claims {
        claimContribution(bytes32, uint32, uint256, [bytes32]);
        claimContributionFor(address, bytes32, uint32, uint256, [bytes32]);
        claimContributions(address, [bytes32], [uint32], [uint256], [[bytes32]]);
        claimForMany(bytes32, uint32, [address], [uint256], [bytes32], [bool]);
        keepRoot(bytes32, uint32);
        contributionState(address, bytes32, uint32, uint256, [bytes32]);
    }
}
